"""Findings as one line each: for logs, editors and grep.

Knows the line. Must not know a terminal.
"""

from __future__ import annotations

from halod.config.compile import Compiled
from halod.model.diagnostic import Diagnostic
from halod.model.printable import printable

__all__ = ["concise_line", "render_concise"]


def render_concise(compiled: Compiled) -> str:
    """FILE:LINE:COLUMN: severity[CODE] message; empty where there is no finding."""
    return "".join(f"{concise_line(found)}\n" for found in compiled.diagnostics)


def concise_line(found: Diagnostic) -> str:
    """One finding, with its suggestion."""
    span = found.primary.span
    hint = f" ({found.fix.title})" if found.fix else ""
    place = f"{span.file}:{span.line}:{span.column}"
    return printable(f"{place}: {found.severity.value}[{found.code}] {found.message}{hint}")

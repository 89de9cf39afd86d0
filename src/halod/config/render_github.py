"""Findings as workflow commands: GitHub shows each beside its line.

Knows the commands and their escapes. Must not know a terminal.
"""

from __future__ import annotations

from halod.config.compile import Compiled
from halod.model.diagnostic import Diagnostic, FindingSeverity
from halod.model.printable import printable

__all__ = ["render_github"]

_LEVELS = {
    FindingSeverity.REFUSE: "error",
    FindingSeverity.IGNORED: "warning",
    FindingSeverity.RISK: "warning",
    FindingSeverity.NOTE: "notice",
}
_ESCAPES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY_ESCAPES = _ESCAPES | str.maketrans({":": "%3A", ",": "%2C"})


def render_github(compiled: Compiled) -> str:
    """One line a finding; empty where there is none."""
    return "".join(f"{_line(found)}\n" for found in compiled.diagnostics)


def _line(found: Diagnostic) -> str:
    span = found.primary.span
    properties = {
        "file": span.file,
        "line": str(span.line),
        "col": str(span.column),
        "endColumn": str(span.column + span.length - 1),
        "title": f"{found.severity.value} {found.code}",
    }
    told = ",".join(f"{name}={_clean(v, _PROPERTY_ESCAPES)}" for name, v in properties.items())
    hint = f" ({found.fix.title})" if found.fix else ""
    text = _clean(f"{found.message}{hint}", _ESCAPES)
    return f"::{_LEVELS[found.severity]} {told}::{text}"


def _clean(text: str, escapes: dict[int, str]) -> str:
    """Neither a byte that is no UTF-8 nor a terminal's escape comes through."""
    return printable(text.translate(escapes))

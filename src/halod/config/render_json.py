"""Findings for programs: a list of objects.

Knows the names of the fields. Must not know a file.
"""

from __future__ import annotations

from typing import Any

from halod.config.compile import Compiled
from halod.model.diagnostic import Diagnostic, Label, Span

__all__ = ["render_json"]


def render_json(compiled: Compiled) -> list[dict[str, Any]]:
    """One object a finding, in the order of the file; no excerpts, so no secrets."""
    return [_finding(found) for found in compiled.diagnostics]


def _finding(found: Diagnostic) -> dict[str, Any]:
    document: dict[str, Any] = {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        **_label(found.primary),
        "secondary": [_label(label) for label in found.secondary],
        "notes": list(found.notes),
        "helps": list(found.helps),
    }
    if found.fix is not None:
        document["fix"] = {
            **_span(found.fix.span),
            "replacement": found.fix.replacement,
            "applicability": found.fix.applicability.value,
            "title": found.fix.title,
        }
    return document


def _label(label: Label) -> dict[str, Any]:
    return {**_span(label.span), "label": label.text}


def _span(span: Span) -> dict[str, Any]:
    return {"file": span.file, "line": span.line, "column": span.column, "length": span.length}

"""Collects findings: each told once, in its place.

Knows places and the severity of each code. Must not know what a finding is about.
"""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import MEANINGS, Code
from halod.model.diagnostic import (
    Applicability,
    Diagnostic,
    FindingSeverity,
    Fix,
    Label,
    Span,
)

__all__ = ["Findings", "did_you_mean"]


class Findings:
    """What was found so far."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Span], Diagnostic] = {}

    def add(
        self,
        code: Code,
        message: str,
        span: Span,
        *,
        severity: FindingSeverity | None = None,
        label: str = "",
        secondary: Sequence[Label] = (),
        notes: Sequence[str] = (),
        helps: Sequence[str] = (),
        fix: Fix | None = None,
    ) -> None:
        """The first finding of a code at a place counts; a second says nothing new.

        `severity`: where this one weighs otherwise than its code does.
        """
        self._found.setdefault(
            (code.value, span),
            Diagnostic(
                code=code.value,
                severity=severity or MEANINGS[code].severity,
                message=message,
                primary=Label(span, label),
                secondary=tuple(secondary),
                notes=tuple(notes),
                helps=tuple(helps),
                fix=fix,
            ),
        )

    def in_order(self) -> tuple[Diagnostic, ...]:
        """From the top of the file to its end."""
        return tuple(sorted(self._found.values(), key=lambda d: (d.primary.span, d.code)))


def did_you_mean(span: Span, word: str | None) -> Fix | None:
    """A fix that replaces a misspelt word, where there is a likely one."""
    if word is None:
        return None
    return Fix(span, word, Applicability.UNSAFE, f"did you mean `{word}`?")

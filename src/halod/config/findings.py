"""Collects findings: each told once, in its place.

Knows places and the severity of each code. Must not know what a finding is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from halod.config.codes import Code
from halod.config.meanings import MEANINGS
from halod.model.diagnostic import (
    Applicability,
    Diagnostic,
    FindingSeverity,
    Fix,
    Label,
    Span,
)

__all__ = ["FINDINGS_MAX", "NOTES_MAX", "Findings", "did_you_mean"]

FINDINGS_MAX = 5000
"""A thousand virtual servers are a thousand lines; more than this is another kind of file."""


NOTES_MAX = 1000
"""A sound file with thousands of addresses may be worth a note for each; nobody reads them all."""


class Findings:
    """What was found so far."""

    def __init__(self) -> None:
        self._found: dict[tuple[Code, Span], Diagnostic] = {}
        self._taken_back: list[tuple[Code, Span]] = []
        """What another finding explains."""
        self.told = 0
        """How often something was to be told, be it new or not: whoever compares it with what it
        was before knows whether anything was."""
        self._notes = 0
        """Of them: notes, which never make a file a wrong one."""
        self._written: set[tuple[Code, FindingSeverity, tuple[Span, ...]]] = set()
        """Mistakes in definitions: told at their first use, if no later one weighs otherwise."""

    @property
    def full(self) -> bool:
        """Whether there are so many that the rest is not worth reading."""
        return len(self._found) - self._notes >= FINDINGS_MAX

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
        self.told += 1
        if (code, span) in self._found or len(self._found) - self._notes > FINDINGS_MAX:
            return
        if span.origins:
            written = (code, severity or MEANINGS[code].severity, span.origins)
            if written in self._written:
                return
            self._written.add(written)
        undefined = self._found.pop((Code.UNDEFINED, span), None)
        if undefined is not None:
            # The cause of this one: told once.
            notes, helps = (*notes, undefined.message), undefined.helps
        if (severity or MEANINGS[code].severity) is FindingSeverity.NOTE:
            if self._notes > NOTES_MAX:
                return
            self._notes += 1
            if self._notes > NOTES_MAX:
                message = f"more than {NOTES_MAX} notes: the rest is not told"
                label, secondary, notes, helps, fix = "", (), (), (), None
        elif self.full:
            code, message = (
                Code.TOO_MANY,
                f"more than {FINDINGS_MAX} findings: the rest is not told",
            )
            label, secondary, notes, fix = "", (), (), None
            helps = ("name the right file; this one is no keepalived.conf",)
            severity = None
        if span.origins:
            secondary = (*secondary, *(Label(at, "it comes from here") for at in span.origins))
        if fix is not None and fix.span.origins:
            # What stands there is a name: to replace it would change what else it stands for.
            fix = replace(fix, applicability=Applicability.DISPLAY_ONLY)
        self._found[code, span] = Diagnostic(
            code=code.value,
            severity=severity or MEANINGS[code].severity,
            message=message,
            primary=Label(span, label),
            secondary=tuple(secondary),
            notes=tuple(notes),
            helps=tuple(helps),
            fix=fix,
        )

    def has(self, code: Code, span: Span) -> bool:
        """Whether there is such a finding."""
        return (code, span) in self._found

    def first(self, code: Code) -> Span | None:
        """Where the first finding of a code is."""
        return next((span for each, span in self._found if each is code), None)

    def refuse(self, code: Code, span: Span, note: str) -> None:
        """Makes a finding weigh more: what it is about is all that the file has."""
        found = self._found[code, span]
        self._found[code, span] = replace(
            found, severity=FindingSeverity.REFUSE, notes=(*found.notes, note)
        )

    def explains(self, code: Code, place: Span) -> bool:
        """Whether a finding of a code stands behind a place: it follows, and is taken back."""
        behind = [
            span
            for each, span in self._found
            if each is code and span.file == place.file and span > place
        ]
        if behind:
            self._taken_back.append((code, min(behind)))
            del self._found[self._taken_back[-1]]
        return any(
            each is code and span.file == place.file and span > place
            for each, span in self._taken_back
        )

    def in_order(self) -> tuple[Diagnostic, ...]:
        """From the top of the file to its end."""
        return tuple(sorted(self._found.values(), key=lambda d: (d.primary.span, d.code)))


def did_you_mean(span: Span, word: str | None) -> Fix | None:
    """A fix that replaces a misspelt word, where there is a likely one."""
    if word is None:
        return None
    return Fix(span, word, Applicability.UNSAFE, f"did you mean `{word}`?")

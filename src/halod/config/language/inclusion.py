"""The files that an `include` brings in: found, read, or told why not.

Knows what a missing file means to each spelling. Must not know the lines in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.language.includes import (
    ALL_CHECKS,
    INCLUDE,
    PATTERNS_MAX,
    Check,
    changed_checks,
    has_wildcard,
    in_braces,
    include_checks,
)
from halod.config.language.limits import Budget, LimitReachedError
from halod.config.language.surroundings import Absent, Surroundings
from halod.config.language.traced import Traced
from halod.model.diagnostic import FindingSeverity, Span
from halod.model.printable import end_of_path, shortened

__all__ = ["Inclusion"]

KEY_SIGN = "-----BEGIN "
"""Begins a key or a certificate (RFC 7468, 2)."""


class Inclusion:
    """Finds and reads included files, and knows how strict to be."""

    def __init__(self, surroundings: Surroundings, budget: Budget, findings: Findings) -> None:
        self._loader = surroundings.loader
        self._budget = budget
        self._findings = findings
        self.checks = ALL_CHECKS if surroundings.all_files else Check.NONE
        """`include_check`: holds to the end of the file that says it."""

    def wanted(self, line: Traced) -> Traced | None:
        """The pattern behind an `include`; None: the line is none."""
        found = INCLUDE.match(line.text)
        return None if found is None else line.cut(found.end())

    def note_checks(self, line: Traced) -> None:
        """Where the line is an `include_check`, what it says."""
        keyword, *options = line.text.split()
        if keyword != "include_check":
            return
        self.checks, unknown = changed_checks(self.checks, options)
        if unknown is not None:
            at = line.text.index(unknown)
            self._findings.add(
                Code.UNKNOWN_WORD,
                f"`include_check` has no option `{shortened(unknown)}`",
                line.span(at, at + len(unknown)),
                helps=("it takes `readable`, `match`, `wildcard_match` or `brace_match`",),
            )

    def files(self, line: Traced, pattern: Traced, folder: str) -> Iterator[tuple[str, str]]:
        """Name and text of each, in order."""
        checks = self.checks | include_checks(line.text.split(None, 1)[0])
        place = pattern.span(0, len(pattern.text))
        choices = in_braces(pattern.text)
        if choices is None:
            raise LimitReachedError(
                f"the name is too long, or stands for more than {PATTERNS_MAX:,} files",
                place,
                "include fewer files with one line",
            )
        for choice in choices:
            needed = self._needed(choice, checks, several=len(choices) > 1)
            matches = self._loader.match(choice, folder) if has_wildcard(choice) else [choice]
            if not matches:
                severity = FindingSeverity.REFUSE if needed else FindingSeverity.NOTE
                no_file = Absent("matches no file", "check the name and the folder")
                self._absent(place, choice, no_file, severity)
            for match in matches:
                name = str(PurePosixPath(folder, match))
                self._budget.open_file(place)
                text = self._loader.read(name)
                severity = FindingSeverity.REFUSE if needed else FindingSeverity.RISK
                if isinstance(text, Absent):
                    self._absent(place, name, text, severity)
                elif KEY_SIGN in text:
                    absent = Absent("holds a key or a certificate", "include configuration alone")
                    self._absent(place, name, absent, severity)
                else:
                    yield name, text

    def _needed(self, choice: str, checks: Check, *, several: bool) -> bool:
        """Whether keepalived would not start without it."""
        if has_wildcard(choice):
            return Check.WILDCARD_MATCH in checks
        return Check.MATCH in checks or (several and Check.BRACE_MATCH in checks)

    def _absent(self, place: Span, name: str, absent: Absent, severity: FindingSeverity) -> None:
        self._findings.add(
            Code.NOT_INCLUDED,
            f"`{end_of_path(name)}` {absent.reason}: nothing is included",
            place,
            severity=severity,
            helps=(absent.suggestion,),
        )

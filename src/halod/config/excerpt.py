"""One line of a file as it is shown under a finding.

Knows secrets to cover, long lines and wide signs. Must not know findings nor colours.
"""

from __future__ import annotations

from collections.abc import Iterable

from halod.model.diagnostic import Span
from halod.model.printable import columns, printable

__all__ = ["EXCERPT_MAX", "Excerpt"]

EXCERPT_MAX = 120
"""Characters of a line that are shown."""
LEAD = 40
"""Characters before the place in question, where it stands further right than that."""
CUT = "…"


class Excerpt:
    """The part of a line around a place; what is left out is told by a sign."""

    def __init__(self, line: str, secrets: Iterable[Span], focus: Span) -> None:
        """`secrets` and `focus` are places of this line."""
        line = line.rstrip()
        end = focus.column - 1 + focus.length
        self._start = 0 if end <= EXCERPT_MAX else max(0, focus.column - 1 - LEAD)
        shown = printable(line[self._start : self._start + EXCERPT_MAX])
        for secret in secrets:
            shown = self._cover(shown, secret)
        self._shown = shown
        self._before = CUT if self._start else ""
        after = CUT if len(line) > self._start + EXCERPT_MAX else ""
        self.text = f"{self._before}{shown}{after}"

    def underline(self, span: Span, sign: str) -> tuple[str, str]:
        """What stands before the marks, and the marks: as wide as the text above them."""
        start, end = self._within(span)
        indent = columns(self._before) + columns(self._shown[:start])
        indent += max(0, start - len(self._shown))
        return " " * indent, sign * max(1, columns(self._shown[start:end]))

    def _within(self, span: Span) -> tuple[int, int]:
        start = span.column - 1 - self._start
        return min(max(0, start), EXCERPT_MAX), min(max(0, start + span.length), EXCERPT_MAX)

    def _cover(self, shown: str, secret: Span) -> str:
        """A star for each character: what stands behind it keeps its place."""
        start, end = self._within(secret)
        covered = shown[start:end]
        return shown[:start] + "*" * len(covered) + shown[start + len(covered) :]

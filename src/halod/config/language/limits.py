"""How far a text may grow, each limit with its reason. keepalived has none but the line's length.

Knows numbers, and counts. Must not know the language.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from halod.config.language.traced import Traced
from halod.model.diagnostic import Span

__all__ = ["DEPTH_MAX", "FILES_MAX", "KEPT_MAX", "LINE_MAX", "STEPS_MAX"]
__all__ += ["SUBSTITUTIONS_MAX", "TEXT_MAX", "Budget", "LimitReachedError"]

DEPTH_MAX = 32
"""Includes, definitions and sequences within each other: a file that includes itself never ends."""
FILES_MAX = 1000
"""Included files: a folder of one file a virtual server."""
KEPT_MAX = 16_384
"""Lines that are kept taken apart for their next round: a sequence repeats far fewer."""
LINE_MAX = 65_536
"""Characters of a line once its names are filled in; keepalived takes 1,024."""
SUBSTITUTIONS_MAX = 256
"""In one line, of names whose values have names: one that stands for itself never ends."""
STEPS_MAX = 2_000_000
"""Lines and rounds of sequences: keepalived's own example, 65,024 instances, takes 1.3 million."""
TEXT_MAX = 128 * 1024 * 1024
"""Characters of all lines: that example has 24 million."""


class LimitReachedError(Exception):
    """The rest is not read."""

    def __init__(self, message: str, place: Span, suggestion: str) -> None:
        super().__init__(message)
        self.place = place
        self.suggestion = suggestion


class Budget:
    """What is left of the limits over the whole configuration."""

    def __init__(self) -> None:
        self._steps = 0
        self._characters = 0
        self._files = 0
        self._factor = 1
        """Rounds of all sequences around a line: what is in it is read so many times."""

    def spend(self, characters: int, line: Traced) -> None:
        """For one line or one round. Raises LimitReachedError."""
        self._steps += 1
        self._characters += characters
        if self._steps > STEPS_MAX:
            raise _too_many(line)
        if self._characters > TEXT_MAX:
            raise LimitReachedError(
                f"the file grows beyond {TEXT_MAX:,} characters here",
                line.span(0, len(line.text)),
                "make it smaller",
            )

    @contextmanager
    def repeated(self, rounds: int, lines: int, line: Traced) -> Iterator[None]:
        """While lines are read in so many rounds. What cannot end well is refused at once."""
        self._factor *= rounds
        if self._factor * lines > STEPS_MAX:
            raise _too_many(line)
        yield
        self._factor //= rounds

    def open_file(self, place: Span) -> None:
        """For one included file. Raises LimitReachedError."""
        self._files += 1
        if self._files > FILES_MAX:
            raise LimitReachedError(
                f"more than {FILES_MAX:,} files are included", place, "include fewer files"
            )


def _too_many(line: Traced) -> LimitReachedError:
    place = line.span(0, len(line.text))
    return LimitReachedError(
        f"the file grows beyond {STEPS_MAX:,} lines here", place, "make it smaller"
    )

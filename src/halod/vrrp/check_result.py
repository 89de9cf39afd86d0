"""What the results of a check make of it: well or failing, by `rise` and `fall`.

Knows counting. Must not know how a result is had, nor what follows from it.

One number says everything, as in keepalived: from 0 (failing for good) to `rise + fall - 1` (well
for good); from `rise` on it is well. A success of a check that is well lifts it to the top, a
failure of one that fails throws it to 0: so only results in a row count.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CheckResult"]


@dataclass(slots=True)
class CheckResult:
    """Of one check."""

    rise: int
    fall: int
    _count: int = 0
    heard: bool = False
    """Whether there was a result, or it was to count as failing until the first one."""
    _first: bool = True

    @property
    def up(self) -> bool:
        """Whether it is well; means nothing until `heard`."""
        return self._count >= self.rise

    @property
    def towards(self) -> tuple[int, int] | None:
        """(results in a row that speak against what it is, how many it takes); None: none do."""
        top = self.rise + self.fall - 1
        if not self.heard or self._first or self._count in (0, top):
            return None
        return (top - self._count, self.fall) if self.up else (self._count, self.rise)

    def fail_from_start(self) -> None:
        """`init_fail`: it is failing, and the first result decides all the same."""
        self._count, self.heard = 0, True

    def resume(self, *, up: bool) -> None:
        """What it was before somebody else counts on."""
        self._count = self.rise + self.fall - 1 if up else 0
        self.heard, self._first = True, False

    def take(self, *, success: bool) -> bool:
        """One result; whether it changes what the check is. The first one decides at once."""
        before, heard = self.up, self.heard
        top = self.rise + self.fall - 1
        if self._first:
            self._count = top if success else 0
        elif success:
            self._count = top if self._count + 1 >= self.rise else self._count + 1
        else:
            self._count = 0 if self._count - 1 < self.rise else self._count - 1
        self._first, self.heard = False, True
        return not heard or self.up != before

"""When what the engine remembers is written.

Knows moments. Must not know what is remembered. Little is written at once; of forty thousand
servers it takes a tenth of a second, so it is written seldom: what is missing is checked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from halod.kernel.balance_file import BalanceFile
from halod.kernel.clock import boot_now
from halod.model.units import Duration, Instant

__all__ = ["MemoryKeeper"]

PAUSE = Duration.milliseconds(50)
"""What comes within it is written together."""
SHARE = 20
"""At most one twentieth of the time goes into it."""
SUBJECT = "memory of virtual servers"

Memory = Callable[[], dict[str, Any]]


class MemoryKeeper:
    """Of one process."""

    def __init__(self, file: BalanceFile, trouble: Callable[[str, str], None]) -> None:
        self._file = file
        self._trouble = trouble
        self._pause = PAUSE
        self.due: Instant | None = None
        """When it is to be written; None: nothing has changed."""

    def read(self) -> Mapping[str, Any]:
        """What the last process left."""
        found, reason = self._file.read()
        self._trouble(SUBJECT, reason)
        return found

    def changed(self, now: Instant) -> None:
        """Something may have."""
        if self.due is None:
            self.due = now + self._pause

    def write_if_due(self, now: Instant, memory: Memory) -> None:
        """Where it is time."""
        if self.due is not None and now >= self.due:
            self.write_now(now, memory)

    def write_now(self, now: Instant, memory: Memory) -> None:
        """An operator's order must not be forgotten."""
        self.due = None
        self._trouble(SUBJECT, self._file.write(memory()))
        self._pause = max(PAUSE, (boot_now() - now) * SHARE)

"""The programs of one instance that wait for the one before them.

Knows order and a bound. Must not know how a program is run: whoever takes one runs it to its end,
or to its time limit, before taking the next. keepalived starts all of them at once, and which one
has the last word is a race.
"""

from __future__ import annotations

from collections import deque

from halod.model.command import Command

__all__ = ["WAITING_MAX", "Lane"]

WAITING_MAX = 64
"""Programs: thirty changes of state with two each. Where so many wait, a program hangs until its
time limit, and what is older than these is history."""


class Lane:
    """First in, first out."""

    def __init__(self) -> None:
        self._waiting: deque[Command] = deque()
        self.lost = 0
        """Programs that were never run, since the start."""

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, command: Command) -> Command | None:
        """Queues it; answers with the oldest that waits where that one has to go for it."""
        self._waiting.append(command)
        if len(self._waiting) <= WAITING_MAX:
            return None
        self.lost += 1
        return self._waiting.popleft()

    def take(self) -> Command | None:
        """The next one; None: nothing waits."""
        return self._waiting.popleft() if self._waiting else None

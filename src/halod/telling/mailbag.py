"""Mail that waits for the mail server: order, patience, and a bound.

Knows when to try again. Must not know how a mail is sent.

One mail is tried at a time. A server that is away or slow is tried again after RETRY_FIRST, then
after twice that, and at last every RETRY_MAX: the mails wait in their order. A mail that the
server will not have (a permanent failure) goes behind the others, so that it holds up none. A mail
is given up after KEPT_FOR, and the oldest where WAITING_MAX wait: both are told.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from halod.model.units import Duration, Instant
from halod.telling.letter import Letter

__all__ = ["KEPT_FOR", "RETRY_FIRST", "RETRY_MAX", "WAITING_MAX", "Mailbag", "Queued"]

RETRY_FIRST = Duration.seconds(5)
RETRY_MAX = Duration.seconds(300)
WAITING_MAX = 256
"""Mails of about 1 KiB: a quarter of a megabyte, and more than anybody reads."""
KEPT_FOR = Duration.seconds(24 * 3600)
"""Older news is no news."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A mail that waits."""

    letter: Letter
    since: Instant
    written: float
    """Seconds since the epoch, for the header `Date`."""


class Mailbag:
    """All mail of one daemon."""

    def __init__(self) -> None:
        self._waiting: deque[Queued] = deque()
        self._delay = RETRY_FIRST
        self._not_before = Instant(0)
        self.lost = 0
        """Mails that were never sent, since the start."""
        self.sent = 0
        self.failures = 0
        """Tries in vain since the last mail that was sent."""

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, queued: Queued) -> bool:
        """Queues a mail; False: the oldest was given up for it."""
        self._waiting.append(queued)
        if len(self._waiting) <= WAITING_MAX:
            return True
        self._waiting.popleft()
        self.lost += 1
        return False

    def expire(self, now: Instant) -> int:
        """Gives up what is too old; how many mails that were."""
        kept = [each for each in self._waiting if now - each.since < KEPT_FOR]
        gone = len(self._waiting) - len(kept)
        if gone:
            self._waiting = deque(kept)
            self.lost += gone
        return gone

    def due(self) -> Instant | None:
        """When the first mail is to be tried; None: there is none."""
        return self._not_before if self._waiting else None

    def first(self) -> Queued:
        """The mail that is tried next. IndexError: there is none."""
        return self._waiting[0]

    def delivered(self, queued: Queued) -> None:
        """The server has it."""
        if not self._remove(queued):
            self.lost -= 1
        self.sent += 1
        self.failures = 0
        self._delay, self._not_before = RETRY_FIRST, Instant(0)

    def failed(self, queued: Queued, now: Instant, *, permanent: bool) -> Duration:
        """It did not work; how long until the next try."""
        self.failures += 1
        if permanent and self._remove(queued):
            self._waiting.append(queued)
        delay = self._delay
        self._not_before = now + delay
        self._delay = min(RETRY_MAX, delay * 2)
        return delay

    def clear(self) -> int:
        """Gives up all of it; how many mails that were."""
        gone = len(self._waiting)
        self._waiting.clear()
        self.lost += gone
        return gone

    def try_at_once(self) -> None:
        """Something changed: the settings, or the daemon is about to stop."""
        self._delay, self._not_before = RETRY_FIRST, Instant(0)

    def _remove(self, queued: Queued) -> bool:
        """Whether it was still there: it may have been given up meanwhile."""
        if queued not in self._waiting:
            return False
        self._waiting.remove(queued)
        return True

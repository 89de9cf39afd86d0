"""When the kernel's table is read back, and what it counts.

Knows moments. Must not know what follows from what stands there.
"""

from __future__ import annotations

from collections.abc import Callable

from halod.kernel.balancing_table import BalancingTable, Counters
from halod.kernel.clock import boot_now
from halod.model.balance_event import TableObserved
from halod.model.units import Duration, Instant

__all__ = ["TableReading"]

EVERY = Duration.seconds(10)
"""At most so long what somebody else has changed stays as it is."""
SHARE = 50
"""A reading that takes long comes seldom: at most one fiftieth of the time goes into it. 37,000
destinations take about a second."""
SOON_FIRST, SOON_MAX = Duration.seconds(1), Duration.seconds(60)
"""After a refusal; each time in vain twice as late."""
LONG = Duration.milliseconds(50)
"""A reading of less is waited for, also by a reload."""
SUBJECT = "table of virtual servers"


class TableReading:
    """Of one table."""

    def __init__(self, table: BalancingTable, trouble: Callable[[str, str], None]) -> None:
        self._table = table
        self._trouble = trouble
        self._delay = SOON_FIRST
        self._was_refused = False
        self._took = Duration(0)
        """The last time."""
        self.due: Instant | None = None
        """When it is to be read."""

    def look(self, now: Instant) -> TableObserved | None:
        """What stands there, where it is time to look."""
        return self.read(now) if self.due is not None and now >= self.due else None

    def read(self, now: Instant) -> TableObserved | None:
        """At once; None: it cannot be read, which is told and tried again."""
        if not self._was_refused:
            self._delay = SOON_FIRST
        self._was_refused = False
        try:
            table = self._table.observe()
        except OSError as error:
            self._trouble(SUBJECT, f"cannot be read: {error.strerror or error}")
            self.due = now + EVERY
            return None
        self._trouble(SUBJECT, "")
        self._took = boot_now() - now
        self.due = now + max(EVERY, self._took * SHARE)
        return TableObserved(table)

    @property
    def takes_long(self) -> bool:
        """Whether something that is wanted should not wait for it. Not before the first time."""
        return self._took > LONG

    def at_next_turn(self, now: Instant) -> None:
        """Before long, whatever it takes."""
        self.due = now

    def soon(self, now: Instant) -> None:
        """The kernel refused something: it is looked at again before long, and tried again."""
        if self._was_refused:
            return
        self._was_refused = True
        self.due = now + self._delay
        self._delay = min(SOON_MAX, self._delay * 2)

    def counters(self) -> Counters:
        """What is counted now; nothing where that cannot be read."""
        try:
            return self._table.counters()
        except OSError as error:
            self._trouble(SUBJECT, f"counters cannot be read: {error.strerror or error}")
            return {}

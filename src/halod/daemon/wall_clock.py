"""How far UTC is from the engine's clock, told where it changes: signatures carry UTC.

Knows two clocks. Must not know what is signed. A clock that is slewed drifts by less than a
millisecond in a look; one that is stepped is noticed at the next.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from halod.kernel.clock import boot_ns
from halod.model.event import WallClockObserved
from halod.model.units import NS_PER_MILLISECOND, Duration

__all__ = ["WallClockWatch"]

LOOK_EVERY_NS = 100 * NS_PER_MILLISECOND
"""A turn of a heartbeat that hears nothing."""
TOLD_FROM_NS = NS_PER_MILLISECOND
"""Far below the shortest window (1 s)."""


class WallClockWatch:
    """One of a heartbeat."""

    def __init__(self) -> None:
        self._looked_ns = 0
        self._told_ns: int | None = None

    def look(self, now_ns: int) -> Sequence[WallClockObserved]:
        """What to tell the engine; nothing: as before, or looked at a moment ago."""
        if now_ns - self._looked_ns < LOOK_EVERY_NS:
            return ()
        self._looked_ns = now_ns
        offset_ns = time.clock_gettime_ns(time.CLOCK_REALTIME) - boot_ns()
        if self._told_ns is not None and abs(offset_ns - self._told_ns) < TOLD_FROM_NS:
            return ()
        self._told_ns = offset_ns
        return (WallClockObserved(Duration(offset_ns)),)

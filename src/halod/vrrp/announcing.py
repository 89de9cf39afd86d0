"""When the addresses of a mastership are announced again, and how often each time.

Knows keepalived's `garp_master_*` and `garp_lower_prio_*`. Must not know which addresses: each call
answers with a number of frames, and the router announces.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.units import ZERO, Instant
from halod.model.vrrp import GarpPolicy
from halod.vrrp.timer_kind import TimerKind

__all__ = ["Announcing"]


@dataclass(slots=True)
class Announcing:
    """The bursts that are still to come."""

    timers: dict[TimerKind, Instant]
    """The router's own: ANNOUNCE_AGAIN and REFRESH are armed here."""
    _repeat_again: int = 0
    """Frames of the second burst, whichever burst was the first."""

    def begin(self, garp: GarpPolicy, now: Instant) -> int:
        """A mastership begins: frames now."""
        if garp.delay > ZERO:
            self.timers[TimerKind.ANNOUNCE_AGAIN] = now + garp.delay
            self._repeat_again = garp.repeat
        if garp.refresh > ZERO:
            self.timers[TimerKind.REFRESH] = now + garp.refresh
        return garp.repeat

    def conflict(self, garp: GarpPolicy, now: Instant) -> int:
        """Another master was answered: frames now."""
        if garp.lower_prio_delay > ZERO:
            self.timers[TimerKind.ANNOUNCE_AGAIN] = now + garp.lower_prio_delay
            self._repeat_again = garp.lower_prio_repeat
        return garp.lower_prio_repeat

    def adopt(self, before: GarpPolicy, garp: GarpPolicy, now: Instant) -> None:
        """A reload changes the policy of a mastership: its refresh is reckoned anew."""
        if garp.refresh == before.refresh:
            return
        self.timers.pop(TimerKind.REFRESH, None)
        if garp.refresh > ZERO:
            self.timers[TimerKind.REFRESH] = now + garp.refresh

    def again(self) -> int:
        """The second burst is due: frames now."""
        return self._repeat_again

    def refresh(self, garp: GarpPolicy, now: Instant) -> int:
        """A refresh is due: frames now, and the next one is armed."""
        self.timers[TimerKind.REFRESH] = now + garp.refresh
        return garp.refresh_repeat

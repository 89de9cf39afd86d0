"""When the addresses of a mastership are announced again, and how often each time.

Knows keepalived's `garp_master_*`, `garp_lower_prio_*` and `garp_extra_if`. Must not know which
addresses a burst is about: each call answers with a number of frames, and the router announces.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.address import VirtualAddress
from halod.model.units import ZERO, Instant
from halod.model.vrrp import GarpPolicy, VrrpInstance
from halod.vrrp.timer_kind import TimerKind

__all__ = ["Announcing", "extra_addresses"]


@dataclass(slots=True)
class Announcing:
    """The bursts that are still to come."""

    timers: dict[TimerKind, Instant]
    """The router's own: ANNOUNCE_AGAIN and REFRESH are armed here."""
    _repeat_again: int = 0
    """Frames of the second burst, whichever burst was the first."""

    def begin(self, config: VrrpInstance, now: Instant) -> int:
        """A mastership begins: frames now."""
        garp = config.garp
        if garp.delay > ZERO:
            self.timers[TimerKind.ANNOUNCE_AGAIN] = now + garp.delay
            self._repeat_again = garp.repeat
        if garp.refresh > ZERO:
            self.timers[TimerKind.REFRESH] = now + garp.refresh
        if garp.extra > ZERO and extra_addresses(config):
            self.timers[TimerKind.EXTRA] = now + garp.delay + garp.extra
        return garp.repeat

    def conflict(self, garp: GarpPolicy, now: Instant) -> int:
        """Another master was answered: frames now."""
        if garp.lower_prio_delay > ZERO:
            self.timers[TimerKind.ANNOUNCE_AGAIN] = now + garp.lower_prio_delay
            self._repeat_again = garp.lower_prio_repeat
        return garp.lower_prio_repeat

    def adopt(self, old: VrrpInstance, config: VrrpInstance, now: Instant) -> None:
        """A reload changes the policy of a mastership: what comes again is reckoned anew."""
        before, garp = old.garp, config.garp
        if garp.refresh != before.refresh:
            self.timers.pop(TimerKind.REFRESH, None)
            if garp.refresh > ZERO:
                self.timers[TimerKind.REFRESH] = now + garp.refresh
        wanted = garp.extra > ZERO and bool(extra_addresses(config))
        if garp.extra != before.extra or wanted != (TimerKind.EXTRA in self.timers):
            self.timers.pop(TimerKind.EXTRA, None)
            if wanted:
                self.timers[TimerKind.EXTRA] = now + garp.extra

    def again(self) -> int:
        """The second burst is due: frames now."""
        return self._repeat_again

    def refresh(self, garp: GarpPolicy, now: Instant) -> int:
        """A refresh is due: frames now, and the next one is armed."""
        self.timers[TimerKind.REFRESH] = now + garp.refresh
        return garp.refresh_repeat

    def elsewhere(self, garp: GarpPolicy, now: Instant) -> int:
        """One on each link where no adverts go out is due: frames now, and the next is armed."""
        self.timers[TimerKind.EXTRA] = now + garp.extra
        return 1


def extra_addresses(config: VrrpInstance) -> tuple[VirtualAddress, ...]:
    """The first of each link from which switches hear no advert; links without a virtual MAC count
    with `all` alone."""
    vmac = config.vmac
    virtual = {made.vmac.link for made in config.made_vmacs}
    speaks = config.interface if vmac is None or vmac.transmits_base else vmac.link
    found: dict[str, VirtualAddress] = {}
    for address in config.held:
        link = address.interface
        if link != speaks and (link in virtual or config.garp.extra_everywhere):
            found.setdefault(link, address)
    return tuple(found.values())

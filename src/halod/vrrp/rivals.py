"""Who else is heard for this virtual router, and how each compares with us.

Knows the last master and the last weaker one, and who may stay. Must not know states or timers.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.address import IpAddress
from halod.model.advert import PRIORITY_RESIGN
from halod.model.cause import Cause, MasterResigned, MasterSilent, NobodyHeard, WeakerMaster
from halod.model.election import is_stronger
from halod.model.units import ZERO, Duration, Instant
from halod.model.vrrp import VrrpInstance
from halod.vrrp.table import Trigger

__all__ = ["HOLD_BACK", "Heard", "Rivals"]

HOLD_BACK = Duration.seconds(60)
"""After a fight over addresses a weaker master is left alone for so long: else both flap."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One admitted advert, as far as it matters later."""

    source: IpAddress
    priority: int
    at: Instant


@dataclass(slots=True)
class Rivals:
    """The memory of a router about the others."""

    latest: Heard | None = None
    """The last admitted advert, whoever sent it."""
    master: Heard | None = None
    """The master that is followed, or was followed last."""
    weaker: Heard | None = None
    """A master below us: while BACKUP the one to be preempted, while MASTER the rival."""
    hold_until: Instant | None = None
    """Until then a weaker master is left alone (preempt_delay, or after a fight)."""

    def compare(self, heard: Heard, config: VrrpInstance, own: IpAddress) -> Trigger:
        """What an advert means to this router (RFC 9568, 6.4.2 and 6.4.3)."""
        self.latest = heard
        if heard.priority == PRIORITY_RESIGN:
            return Trigger.HEARD_RESIGNATION
        if heard.priority >= config.priority:
            self.hold_until = None
            if is_stronger(heard.priority, heard.source, config.priority, own):
                return Trigger.HEARD_STRONGER
            return Trigger.HEARD_EQUAL
        if not config.preempt:
            return Trigger.HEARD_TOLERATED
        if self.hold_until is None and config.preempt_delay > ZERO:
            # Counted from the first advert of a weaker master, as keepalived does.
            self.hold_until = heard.at + config.preempt_delay
        if self.hold_until is not None and heard.at < self.hold_until:
            return Trigger.HEARD_TOLERATED
        return Trigger.HEARD_WEAKER

    def follow(self) -> None:
        """The latest advert is the master's."""
        self.master, self.weaker = self.latest, None

    def note_weaker(self) -> None:
        """The latest advert is a weaker master's."""
        self.weaker = self.latest

    def won(self) -> None:
        """We are master now: nobody is followed or spared."""
        self.weaker, self.hold_until = None, None

    def silence(self, listening_since: Instant, priority_own: int, now: Instant) -> Cause:
        """Why Master_Down_Timer fired."""
        if self.weaker is not None:
            return WeakerMaster(self.weaker.source, self.weaker.priority, priority_own)
        if self.master is None or self.master.at < listening_since:
            return NobodyHeard(now - listening_since)
        if self.master.priority == PRIORITY_RESIGN:
            return MasterResigned(self.master.source)
        return MasterSilent(self.master.source, now - self.master.at)

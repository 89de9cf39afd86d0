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

__all__ = ["HOLD_BACK", "RETRY_EVERY", "Heard", "Rivals"]

HOLD_BACK = Duration.seconds(60)
"""After a fight over addresses a weaker master is left alone for so long: else both flap."""
RETRY_EVERY = Duration.seconds(60)
"""A firewall that drops our adverts is mended by a person; each try is a line in the log."""


@dataclass(slots=True)
class Heard:
    """One admitted advert, as far as it matters later."""

    source: IpAddress
    priority: int
    interval: Duration
    """Between its adverts, as it says."""
    at: Instant
    """When it came, or came again."""


@dataclass(slots=True)
class Rivals:
    """The memory of a router about the others."""

    latest: Heard | None = None
    """The last admitted advert, whoever sent it."""
    master: Heard | None = None
    """The master that is followed, or was followed last."""
    weaker: Heard | None = None
    """A master below us: while BACKUP the one to be preempted, while MASTER the rival."""
    preempt_after: Instant | None = None
    """Until then a weaker master is left alone, by preempt_delay."""
    fought_until: Instant | None = None
    """Until then a weaker master is left alone, because we cannot hold the addresses."""

    def compare(
        self, heard: Heard, config: VrrpInstance, priority_own: int, own: IpAddress
    ) -> Trigger:
        """What an advert means to this router (RFC 9568, 6.4.2 and 6.4.3)."""
        self.latest = heard
        if heard.priority == PRIORITY_RESIGN:
            return Trigger.HEARD_RESIGNATION
        if heard.priority >= priority_own:
            self.preempt_after = None
            if is_stronger(heard.priority, heard.source, priority_own, own):
                return Trigger.HEARD_STRONGER
            return Trigger.HEARD_EQUAL
        if self._may_stay(heard, config):
            return Trigger.HEARD_TOLERATED
        return Trigger.HEARD_WEAKER

    def _may_stay(self, weaker: Heard, config: VrrpInstance) -> bool:
        # RFC 9568, 6.1: an owner preempts, whatever Preempt_Mode says.
        if not config.is_owner:
            if not config.preempt:
                return True
            if self.preempt_after is None and config.preempt_delay > ZERO:
                # Counted from the first advert of a weaker master, as keepalived does.
                self.preempt_after = weaker.at + config.preempt_delay
        spared_until = self.spared_until()
        return spared_until is not None and weaker.at < spared_until

    def spared_until(self) -> Instant | None:
        """Until when a weaker master is left alone; None: it is not."""
        both = [end for end in (self.preempt_after, self.fought_until) if end is not None]
        return max(both, default=None)

    def follow(self) -> None:
        """The latest advert is the master's."""
        self.master, self.weaker = self.latest, None

    def follows_latest(self, config: VrrpInstance, priority_own: int) -> bool:
        """Whether the latest advert is the followed master's, and stays so whatever the time is."""
        latest = self.latest
        if latest is None or latest is not self.master or latest.priority == PRIORITY_RESIGN:
            return False
        return latest.priority >= priority_own or not (config.preempt or config.is_owner)

    def again(self, now: Instant) -> None:
        """The latest advert came once more."""
        assert self.latest is not None
        self.latest.at = now

    def note_weaker(self) -> None:
        """The latest advert is a weaker master's."""
        self.weaker = self.latest

    def forget(self) -> None:
        """What was heard in another state means nothing in this one; a fight is remembered."""
        self.latest = self.master = self.weaker = self.preempt_after = None

    def silence(self, listening_since: Instant, priority_own: int, now: Instant) -> Cause:
        """Why Master_Down_Timer fired."""
        if (weaker := self.weaker) is not None:
            if weaker.priority < priority_own:
                return WeakerMaster(weaker.source, weaker.priority, priority_own)
            # A weight has put us below it since its last advert.
            return MasterSilent(weaker.source, now - weaker.at)
        if self.master is None:
            return NobodyHeard(now - listening_since)
        if self.master.priority == PRIORITY_RESIGN:
            return MasterResigned(self.master.source)
        return MasterSilent(self.master.source, now - self.master.at)

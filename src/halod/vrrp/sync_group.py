"""A sync group: routers that are MASTER together, or not at all.

Knows what one member's change means for the others, and what the adverts of all of them have
earned together. Must not know why a member changed, nor how it does what it is told.

Four rules, in this order; `settle` is called after anything that may have changed a member:

1. One that ails (its link, a tracker of weight 0, adverts that the kernel refuses) keeps all in
   FAULT. When the last one is well, all listen for the whole Master_Down_Timer, as keepalived does.
2. One that is MASTER no more ends the mastership of all: two nodes never hold half of a group each.
3. All become MASTER in one batch, when each of them wants to. One that wants to and may not goes on
   listening, and wants to until it hears a master that it follows.
4. All have one term. It ends when the first of their leases would, whichever member's advert was
   last: for clients half a group is worth as little as none.
"""

from __future__ import annotations

from halod.model.cause import Cause, GroupFault, GroupLeft, GroupWell, Starting
from halod.model.effect import Notify
from halod.model.fact import GroupSynced
from halod.model.occasion import Subject
from halod.model.state import State
from halod.model.sync_group import VrrpSyncGroup
from halod.model.units import Instant
from halod.vrrp.machine import VirtualRouter
from halod.vrrp.membership import Membership
from halod.vrrp.outbox import Outbox

__all__ = ["SyncGroup"]


class SyncGroup:
    """The members of one group, and what they are together."""

    def __init__(self, config: VrrpSyncGroup, members: tuple[VirtualRouter, ...]) -> None:
        """`members`: one at least. One that is MASTER already answers for all of them."""
        self.config = config
        self.members = members
        self.membership = Membership(config.name)
        masters = any(member.state is State.MASTER for member in members)
        self.state = State.MASTER if masters else State.INITIALIZE
        for member in members:
            member.membership = self.membership

    @property
    def name(self) -> str:
        return self.config.name

    def check_awake(self, now: Instant, out: Outbox) -> None:
        """One member that slept past its lease has lost the addresses of all."""
        before = [member.state for member in self.members]
        for member in self.members:
            member.check_awake(now, out)
        if before != [member.state for member in self.members]:
            self.settle(now, out)

    def settle(self, now: Instant, out: Outbox) -> None:
        """Makes of what the members are what they may be together."""
        if not all(member.is_started for member in self.members):
            return  # on the way in or out: the last one settles it
        self._share_leases()
        if self._judge(now, out):
            return
        self._keep_together(now, out)
        self._renew(now, out)

    def stop(self, cause: Cause, out: Outbox) -> None:
        """After its members: the daemon stops, or a reload removed the group."""
        if self.state is not State.INITIALIZE:
            self._tell(State.INITIALIZE, cause, out)

    # ---- 1: one that ails ------------------------------------------------------------------

    def _judge(self, now: Instant, out: Outbox) -> bool:
        """Whether one keeps all in FAULT."""
        ailments = {m.name: why for m in self.members if (why := m.ailment()) is not None}
        self.membership.ailments = ailments
        well = GroupWell(self.name)
        if ailments or any(member.state is State.FAULT for member in self.members):
            for member in self.members:
                member.group_judges(well, now, out)
        if not ailments:
            return False
        first, why = next(iter(ailments.items()))
        self._become(State.FAULT, GroupFault(self.name, first, why.sentence()), out)
        return True

    # ---- 2 and 3: together or not at all ---------------------------------------------------

    def _keep_together(self, now: Instant, out: Outbox) -> None:
        masters = [member for member in self.members if member.state is State.MASTER]
        others = [member for member in self.members if member.state is not State.MASTER]
        self.membership.unready = tuple(m.name for m in others if not m.is_ready)
        if masters and others:
            cause = GroupLeft(self.name, others[0].name, others[0].cause.sentence())
            for member in masters:
                member.group_gave_up(cause, now, out)
            self._become(State.BACKUP, cause, out)
        elif others and all(member.is_ready for member in others):
            for member in others:
                member.group_agrees(now, out)
            self._become(State.MASTER, self.members[-1].cause, out)
        elif all(member.state is State.BACKUP for member in others) and not masters:
            cause_of_all = GroupWell(self.name) if self.state is State.FAULT else Starting()
            self._become(State.BACKUP, cause_of_all, out)

    def _become(self, state: State, cause: Cause, out: Outbox) -> None:
        if state is self.state:
            return
        if self.state is not State.INITIALIZE or state is not State.BACKUP:
            out.facts.append(GroupSynced(self.name, state, cause))
        self._tell(state, cause, out)

    def _tell(self, state: State, cause: Cause, out: Outbox) -> None:
        self.state = state
        out.effects.append(Notify(self.name, state, 0, cause, Subject.GROUP))

    # ---- 4: one term -----------------------------------------------------------------------

    def _share_leases(self) -> None:
        leases = [member.lease for member in self.members]
        spans = [lease.span for lease in leases if lease.span is not None]
        lifetimes = [x.lifetime for x in leases if x.lifetime is not None and not x.is_gated]
        self.membership.span = min(spans, default=None)
        self.membership.lifetime = min(lifetimes, default=None)

    def _renew(self, now: Instant, out: Outbox) -> None:
        """What the adverts of all have earned: as much as those of the one that earned least.

        Only with an advert: one that the kernel refuses must renew nothing.
        """
        terms = [member.term for member in self.members if member.term is not None]
        if all(term.decided != now for term in terms):
            return
        ends = [
            sure + member.lease.span
            for member in self.members
            if member.term is not None
            and (sure := member.term.sure) is not None
            and member.lease.span is not None
        ]
        if not ends:
            return
        interval = min(member.config.advert_interval for member in self.members)
        for member in self.members:
            member.renew_until(min(ends), interval, now, out)

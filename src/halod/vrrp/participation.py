"""Whether a router takes part: its link, its trackers, its sync group, and what that makes of it.

Knows the way in and out of FAULT, and how a row of the table is performed. Must not know adverts,
timers or leases: those are `machine`'s.
"""

from __future__ import annotations

from halod.model.address import Link
from halod.model.cause import (
    AwaitsTracker,
    Cause,
    LinkUsable,
    NoPeer,
    OwnerStarts,
    SourceBack,
    SourceMissing,
    Starting,
    StartPutOff,
    TrackerFailed,
    TrackerWell,
)
from halod.model.cause import Reconfigured as ReconfiguredCause
from halod.model.effect import Mention, Notify
from halod.model.fact import PriorityChanged
from halod.model.fact import StateChanged as StateChangedFact
from halod.model.occasion import Occasion
from halod.model.state import State
from halod.model.tracking import TrackerId, effective_priority, failing, unheard
from halod.model.units import ZERO, Duration, Instant
from halod.vrrp.actions import RouterActions
from halod.vrrp.outbox import Outbox
from halod.vrrp.table import ON_ENTER, ON_EXIT, TRANSITIONS, Trigger
from halod.vrrp.timer_kind import TimerKind

__all__ = ["Participant"]

PRIORITY_TOLD = {
    State.MASTER: Occasion.MASTER_PRIORITY,
    State.BACKUP: Occasion.BACKUP_PRIORITY,
}
"""Whose change of priority is told: like keepalived's."""


class Participant(RouterActions):
    """The part of a virtual router that begins, stops, and judges what it depends on."""

    # ---- what can happen -------------------------------------------------------------------

    def begin(self, now: Instant, out: Outbox, uptime: Duration = ZERO) -> None:
        """The daemon starts, on a machine that has been up for so long."""
        own, boot = self.config.startup_delay, self.config.delay_after_boot - uptime
        delay = max(own, boot)
        if delay > ZERO:
            keyword = "vrrp_startup_delay" if own >= boot else "vrrp_delay_after_boot"
            self.cause = StartPutOff(delay, keyword)
            self.timers[TimerKind.START] = now + delay
        else:
            self.start(now, out)

    def start(self, now: Instant, out: Outbox) -> None:
        """RFC 9568, 6.4.1, Startup."""
        self.is_started = True
        config = self.config
        self.priority = effective_priority(config.priority, config.trackers, self.reports)
        if (unfit := self._unfit()) is not None:
            self._fire(*unfit, now, out)
        elif (tracker := unheard(self.config.trackers, self.reports)) is not None:
            self.cause = AwaitsTracker(tracker)
        elif self._is_lone_owner:
            self._fire(Trigger.STARTUP_OWNER, OwnerStarts(), now, out)
        else:
            self._fire(Trigger.STARTUP, Starting(), now, out)
            self._ask_group(OwnerStarts(), now, out)

    def stop(self, cause: Cause, now: Instant, out: Outbox) -> None:
        """RFC 9568, 6.4, Shutdown."""
        self.is_started = False
        self.timers.pop(TimerKind.START, None)
        self._fire(Trigger.SHUTDOWN, cause, now, out)

    def link_changed(self, link: Link | None, now: Instant, out: Outbox) -> None:
        """The interface changed, or is gone (None). `link`: as `own_link` gives it."""
        self.link = link
        if self.link_fault() is None:
            # What its adverts were refused for may have been that: no need to wait any longer.
            self.timers.pop(TimerKind.RETRY, None)
        back = Trigger.LINK_BACK_OWNER if self._is_lone_owner else Trigger.LINK_BACK
        cause: Cause = LinkUsable(self.config.interface)
        if isinstance(self.cause, SourceMissing):
            cause = SourceBack(self.cause.source)
        elif isinstance(self.cause, NoPeer):
            cause = ReconfiguredCause("it has unicast peers")
        self._judge_fitness(back, cause, now, out)

    def tracker_changed(self, tracker: TrackerId, now: Instant, out: Outbox) -> None:
        """One of its trackers says something else than before; `reports` has it."""
        tracked = next(t for t in self.config.trackers if t.tracker == tracker)
        what = tracked.sentence(self.reports[tracker])
        self._weigh(what, now, out)
        if TimerKind.RETRY not in self.timers:
            self._judge_fitness(self._well(), TrackerWell(what), now, out)

    def _weigh(self, what: str, now: Instant, out: Outbox) -> None:
        """Takes up the priority that the trackers make; `what`: the one that spoke."""
        old, skew = self.priority, self.skew()
        config = self.config
        self.priority = effective_priority(config.priority, config.trackers, self.reports)
        if self.priority == old:
            return
        out.facts.append(PriorityChanged(self.name, old, self.priority, what))
        if config.notify.priority_changes and self.state in PRIORITY_TOLD:
            out.effects.append(Mention(self.name, PRIORITY_TOLD[self.state], self.priority))
        self._skew_before = skew
        self._fire(Trigger.PRIORITY_MOVED, self.cause, now, out)

    def _judge_fitness(self, well: Trigger, cause: Cause, now: Instant, out: Outbox) -> None:
        """Something that decides about taking part changed; `well`: where nothing is against it."""
        if self.state is State.INITIALIZE:
            if self.is_started:
                self.start(now, out)
        elif (unfit := self._unfit()) is not None:
            self._fire(*unfit, now, out)
        elif self.state is not State.FAULT:
            self._fire(well, cause, now, out)
        elif not unheard(self.config.trackers, self.reports):
            self._fire(well, cause, now, out)
            self._ask_group(cause, now, out)

    def _unfit(self) -> tuple[Trigger, Cause] | None:
        """Why it cannot take part; None: it can, as far as anybody has said."""
        if (unfit := self._ails()) is not None:
            return unfit
        beside = self.membership and self.membership.fault_beside(self.name)
        return (Trigger.GROUP_FAULT, beside) if beside else None

    def _ails(self) -> tuple[Trigger, Cause] | None:
        """The same as if it had no sync group."""
        if (fault := self.link_fault()) is not None:
            return Trigger.LINK_LOST, fault
        if (failed := failing(self.config.trackers, self.reports)) is not None:
            what = failed.sentence(self.reports[failed.tracker])
            return Trigger.TRACKER_FAILED, TrackerFailed(what)
        return None

    def _well(self) -> Trigger:
        return Trigger.TRACKERS_WELL_OWNER if self._is_lone_owner else Trigger.TRACKERS_WELL

    @property
    def _is_lone_owner(self) -> bool:
        """Whether it is MASTER as soon as it takes part: in a sync group all must agree."""
        return self.config.is_owner and self.membership is None

    # ---- a sync group ----------------------------------------------------------------------

    def _ask_group(self, cause: Cause, now: Instant, out: Outbox) -> None:
        """An owner that has just come back does not wait for its timer, but for the others."""
        if self.config.is_owner and self.membership is not None:
            self._fire(Trigger.READY, cause, now, out)

    def ailment(self) -> Cause | None:
        """Why it could not take part if it were alone; None: it could."""
        if (unfit := self._ails()) is not None:
            return unfit[1]
        return self.cause if TimerKind.RETRY in self.timers else None

    def group_judges(self, well: Cause, now: Instant, out: Outbox) -> None:
        """The health of another member changed; `well`: told where nothing is against it."""
        if TimerKind.RETRY not in self.timers:
            self._judge_fitness(Trigger.GROUP_WELL, well, now, out)

    def group_agrees(self, now: Instant, out: Outbox) -> None:
        """All want to be MASTER, and this one does."""
        self._fire(Trigger.GROUP_AGREES, self.why_ready(now), now, out)

    def group_gave_up(self, cause: Cause, now: Instant, out: Outbox) -> None:
        """Another member is MASTER no more."""
        self._fire(Trigger.GROUP_LEFT, cause, now, out)

    def group_left(self, now: Instant, out: Outbox) -> None:
        """A reload took it out of its group."""
        self.membership = self.ready = None
        cause = ReconfiguredCause("it belongs to no sync group any more")
        if TimerKind.RETRY not in self.timers:
            self._judge_fitness(self._well(), cause, now, out)

    def renew_until(self, end: Instant, interval: Duration, now: Instant, out: Outbox) -> None:
        """The lease that the adverts of all members have earned; `interval`: the shortest."""
        if self.term is not None:
            self.term.renew_until(end, self.shared_lease(), interval, now, out)

    # ---- the table -------------------------------------------------------------------------

    def _fire(self, trigger: Trigger, cause: Cause, now: Instant, out: Outbox) -> None:
        self._enter_call(now, out)
        self._because = cause
        row = TRANSITIONS[self.state, trigger]
        for action in row.actions:
            self._actions[action]()
        if row.state is self.state:
            return
        old = self.state
        for action in ON_EXIT[old]:
            self._actions[action]()
        self.state, self.cause, self.since, self.ready = row.state, cause, now, None
        out.facts.append(StateChangedFact(self.name, old, row.state, cause))
        for action in (*ON_ENTER[row.state], *row.after):
            self._actions[action]()
        out.effects.append(Notify(self.name, row.state, self.priority, cause))

    def _enter_call(self, now: Instant, out: Outbox) -> None:
        self._now, self._out = now, out

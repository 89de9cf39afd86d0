"""One virtual router: what happens to it, and which trigger of its table that is.

Knows what can happen to it and which trigger that is. Must not know a clock, a socket or another
router. Three sources drive it: triggers (from `heard`, `link_changed`, the timers), the reports of
the adapters, and a reload. What it wants done goes into the outbox it is given.
"""

from __future__ import annotations

from halod.model.address import IpAddress, VirtualAddress
from halod.model.advert import PRIORITY_RESIGN, Advert
from halod.model.cause import (
    AddressesContested,
    AddressesRefused,
    AdvertsRefused,
    LeaseLapsed,
    Overslept,
    StrongerMaster,
    TryingAgain,
)
from halod.model.cause import Reconfigured as ReconfiguredCause
from halod.model.event import AddressLost, LossBy
from halod.model.fact import AddressesForeign, AddressPutBack, OldChecksumHeard
from halod.model.state import State
from halod.model.tracking import effective_priority
from halod.model.units import Duration, Instant
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.vrrp.lease import PUT_BACK_MAX, PUT_BACK_WINDOW, Lease, lease_of
from halod.vrrp.outbox import Outbox
from halod.vrrp.participation import Participant
from halod.vrrp.rivals import Heard
from halod.vrrp.routine import Routine
from halod.vrrp.table import Trigger
from halod.vrrp.timer_kind import TimerKind

__all__ = ["VirtualRouter"]


class VirtualRouter(Participant):
    """A `vrrp_instance` at work (RFC 9568, 6)."""

    # ---- what is heard ---------------------------------------------------------------------

    def advert_heard(self, advert: Advert, source: IpAddress, now: Instant, out: Outbox) -> None:
        """An advert that was admitted."""
        self.adverts_received += 1
        self.resignations_received += advert.priority == PRIORITY_RESIGN
        if advert.old_checksum and not self._last_advert.old_checksum:
            self._last_advert.speak_old()
            out.facts.append(OldChecksumHeard(self.name, source))
        own = self.own_address
        assert own is not None, "a router without an address hears nothing"
        heard = Heard(source, advert.priority, advert.interval, now)
        trigger = self.rivals.compare(heard, self.config, self.priority, own)
        # Told only where the state changes, and then it was a stronger master.
        cause = StrongerMaster(source, advert.priority, self.priority)
        self._fire(trigger, cause, now, out)

    def may_repeat(self) -> bool:
        """Whether the last advert, heard again, would do nothing but restart Master_Down_Timer."""
        return self.state is State.BACKUP and self.rivals.follows_latest(self.config, self.priority)

    def heard_again(self, now: Instant, master_down: Instant) -> None:
        """The last advert came again, and `may_repeat` was true since. `master_down`: when
        Master_Down_Timer is due from now on.

        What the row does without looking it up: this is done thousands of times a second.
        """
        self.adverts_received += 1
        self.rivals.again(now)
        self.timers[TimerKind.MASTER_DOWN] = master_down

    # ---- what is said again and again ------------------------------------------------------

    def routine(self) -> Routine | None:
        """What its next advert says and earns, where nothing else follows from it; None: the table
        must tell, or it is no master."""
        term, own, config = self.term, self.own_address, self.config
        if (
            term is None
            or own is None
            or TimerKind.ADVERT not in self.timers
            or self.membership is not None
            or config.is_signed
            or self._nobody_to_send_to()
        ):
            return None
        return term.routine(self._last_advert.make(config, own, self.priority), self.lease, config)

    def goes_on(
        self, routine: Routine, now: Instant, following: Instant, until: Instant | None
    ) -> bool:
        """Adver_Timer fired and `routine` is as it was made; whether that is all there is to it.

        What the row does without looking it up, as `heard_again`. `following`: when the next one is
        due. False: nothing was done.
        """
        term = self.term
        assert term is not None, "who touched it has made the routine anew"
        if not term.goes_on(routine, now, until):
            return False
        self.adverts_sent += 1
        self.timers[TimerKind.ADVERT] = following
        return True

    def timer_fired(self, kind: TimerKind, now: Instant, out: Outbox) -> None:
        """A timer of this router is due."""
        due = self.timers.pop(kind, None)
        if due is None:
            return  # it woke too late, and the check before this has disarmed it
        if kind is TimerKind.MASTER_DOWN:
            if now - due > self.active_interval():
                self._overslept(now, now - due, out)
            else:
                assert self.since is not None, "the timer is armed on entering BACKUP"
                silence = self.rivals.silence(self.since, self.priority, now)
                alone = self.membership is None
                self._fire(Trigger.MASTER_DOWN if alone else Trigger.READY, silence, now, out)
        elif kind is TimerKind.ADVERT:
            self._fire(Trigger.ADVERT_DUE, self.cause, now, out)
        elif kind is TimerKind.START:
            self.start(now, out)
        elif kind is TimerKind.RETRY:
            if self._unfit() is None:
                self._fire(Trigger.RETRY_DUE, TryingAgain(), now, out)
        else:
            self._enter_call(now, out)
            self._master_timer_fired(kind)

    def check_awake(self, now: Instant, out: Outbox) -> None:
        """Before anything else: a master that slept past its lease is none any more."""
        term = self.term
        if term is not None and term.overslept(self.lease, now):
            self._overslept(now, now - term.decided, out)

    def gates_observed(self, hanging: frozenset[LeaseMode], now: Instant, out: Outbox) -> None:
        """Gates that hang on each interface of this router."""
        old, self.lease = self.lease, lease_of(self.config, hanging)
        term = self.term
        if term is None or self.lease == old:
            return
        if self.lease.mode is LeaseMode.ADDRESS:
            # A lifetime counts from when it is given: the peers' timers must start anew with it.
            self._enter_call(now, out)
            self._send_advert()
            self._arm_advert()
        term.grant(term.ours(self.config.held), self.shared_lease(), term.earned, out)

    def gate_lapsed(self, term: int, now: Instant, out: Outbox) -> None:
        """A gate was shut before the renewal came to it."""
        if self.term is not None and self.term.number == term and self.config.held:
            lapsed = LeaseLapsed(self.config.held[0].address)
            self._fire(Trigger.LEASE_LAPSED, lapsed, now, out)

    def advert_refused(self, reason: str, now: Instant, out: Outbox) -> None:
        """The kernel did not take an advert, so it earned no lease."""
        term = self.term
        if term is None:
            return
        if term.refused(self.lease, self.config.advert_interval):
            cause = AdvertsRefused(term.adverts_refused, reason)
            self._fire(Trigger.MUTE, cause, now, out)

    def granted(
        self, term: int, foreign: tuple[VirtualAddress, ...], now: Instant, out: Outbox
    ) -> None:
        """The addresses of a term stand, but for those that are the operator's."""
        if self.term is None or self.term.number != term:
            return
        self.term.granted = True
        new = frozenset(foreign) - self.term.foreign
        self.term.foreign |= new
        if new:
            names = tuple(a.address for a in self.config.held if a in new)
            out.facts.append(AddressesForeign(self.name, names))

    def grant_failed(self, term: int, reason: str, now: Instant, out: Outbox) -> None:
        """One refused address ends the mastership: half of them is worse than none."""
        if self.term is not None and self.term.number == term:
            self._fire(Trigger.REFUSED, AddressesRefused(reason), now, out)

    def address_lost(self, event: AddressLost, now: Instant, out: Outbox) -> None:
        """An address went that nobody here removed (DESIGN, section 4)."""
        term = self.term
        lost = term.lost(event, self.config.held) if term is not None else ()
        if term is None or not lost:
            return
        if event.by is LossBy.KERNEL:
            if term.granted:  # else it was the lease of the term before, whose end was read late
                self._fire(Trigger.LEASE_LAPSED, LeaseLapsed(event.address), now, out)
            return
        times = term.deleted(event.address, now)
        if times > PUT_BACK_MAX:
            cause = AddressesContested(event.address, times, PUT_BACK_WINDOW)
            self._fire(Trigger.CONTESTED, cause, now, out)
            return
        self._enter_call(now, out)
        # The advert pays for the lease: without one it would outlast the peer's timer.
        self._advertise()
        term.grant(lost, self.shared_lease(), now, out)
        # What had the address as its source went with it.
        self._install(self.config.routing)
        self._announce(lost, self.config.garp.repeat)
        out.facts.append(
            AddressPutBack(self.name, event.address, event.culprit, times, PUT_BACK_MAX)
        )

    def reconfigure(
        self, config: VrrpInstance, gates: frozenset[LeaseMode], now: Instant, out: Outbox
    ) -> None:
        """Takes a configuration of the same link, VRID and version as deltas."""
        self._enter_call(now, out)
        waited = self.active_interval(), self.config.down_timer_adverts
        self._skew_before = self.skew()
        old, self.config = self.config, config
        self.priority = effective_priority(config.priority, config.trackers, self.reports)
        old_lease, self.lease = self.lease, lease_of(config, gates)
        if self.state is State.BACKUP:
            self._reconfigure_backup(*waited)
        elif self.state is State.MASTER:
            self._reconfigure_master(old, old_lease)
        minded, minds = ((c.trackers, c.minds_own_link) for c in (old, config))
        if minds != minded and TimerKind.RETRY not in self.timers:
            cause = ReconfiguredCause("what kept it in FAULT is not tracked any more")
            self._judge_fitness(self._well(), cause, now, out)

    def _reconfigure_backup(self, interval: Duration, adverts: int) -> None:
        """`interval`, `adverts`: what the timer was armed with."""
        if (interval, adverts) != (self.active_interval(), self.config.down_timer_adverts):
            # The silence so far was measured by another rule, and in v2 the master is not
            # understood until it is reloaded too.
            self._arm_master_down()
            return
        self._shift_master_down()

    def _reconfigure_master(self, old: VrrpInstance, old_lease: Lease) -> None:
        config, term = self.config, self.term
        assert term is not None
        gone = tuple(a for a in old.held if a not in config.held)
        new = tuple(a for a in config.held if a not in old.held)
        granted = new if self.lease == old_lease else term.ours(config.held)
        self._advertise()
        self._remove(old.routing.without(config.routing))
        if gone := term.ours(gone):
            self._out.effects.append(term.revocation(gone))
        if granted:
            term.grant(granted, self.shared_lease(), self._now, self._out)
        if new or config.routing != old.routing:
            self._install(config.routing)
        if new:
            self._announce(new, config.garp.repeat)
        self._announcing.adopt(old, config, self._now)

    # ---- sleep -----------------------------------------------------------------------------

    def _overslept(self, now: Instant, gap: Duration, out: Outbox) -> None:
        patience = self.lease.silence if self.term else self.active_interval()
        cause = Overslept(gap, patience)
        owner = self.config.is_owner
        self._fire(Trigger.OVERSLEPT_OWNER if owner else Trigger.OVERSLEPT, cause, now, out)
        if self.state is State.INITIALIZE:
            self.start(now, out)

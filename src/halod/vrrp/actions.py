"""What a virtual router does: one method an action of the table, and what they share.

Knows how each action is done and what it needs: the configuration, the link, the timers, the term,
the memory of rivals. Must not know when: the table says that, and `machine` looks it up.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from halod.model.address import IpAddress, Link, VirtualAddress
from halod.model.advert import PRIORITY_RESIGN
from halod.model.cause import Cause, Starting, WeakerMaster
from halod.model.effect import InstallRouting, Mention, RemoveRouting
from halod.model.election import active_interval, master_down_interval, skew_time
from halod.model.fact import ConflictEnded
from halod.model.occasion import Occasion
from halod.model.routing import Routing
from halod.model.state import State
from halod.model.tracking import Reports, effective_priority
from halod.model.units import ZERO, Duration, Instant
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.vrrp.announcing import Announcing, extra_addresses
from halod.vrrp.conflict import Conflict
from halod.vrrp.lease import Lease, Term, lease_of
from halod.vrrp.link_fault import LinkFault, fault_of
from halod.vrrp.membership import Membership
from halod.vrrp.message import LastAdvert
from halod.vrrp.outbox import Outbox
from halod.vrrp.rivals import HOLD_BACK, RETRY_EVERY, Heard, Rivals
from halod.vrrp.sequence_memory import VolatileMemory
from halod.vrrp.signatures import Signatures, WallClock
from halod.vrrp.table import Action
from halod.vrrp.timer_kind import TimerKind

__all__ = ["RouterActions"]


class RouterActions:
    """The working parts of a virtual router."""

    def __init__(
        self,
        config: VrrpInstance,
        terms: int = 0,
        gates: frozenset[LeaseMode] = frozenset(),
        reports: Reports = MappingProxyType({}),
        signatures: Signatures | None = None,
    ) -> None:
        """`terms`: how many an earlier router of this name had; the count goes on.

        `reports`: what the trackers say, kept up to date by who made it. `signatures`: of
        `auth_hmac` and AH; by default with a memory that ends with it.
        """
        self.config = config
        self.reports = reports
        self.signatures = signatures or Signatures(WallClock(), VolatileMemory)
        self.priority = effective_priority(config.priority, config.trackers, reports)
        """The effective one, which is advertised and compared."""
        self.state = State.INITIALIZE
        self.cause: Cause = Starting()
        self.since: Instant | None = None
        self.link: Link | None = None
        self.timers: dict[TimerKind, Instant] = {}
        self.rivals = Rivals()
        self.term: Term | None = None
        self.terms = terms
        self.lease = lease_of(config, gates)
        self.membership: Membership | None = None
        """Its sync group; None: it has none."""
        self.ready: Cause | None = None
        """Why it wants to be MASTER, while it waits for the others of its group; None: it does not
        want to."""
        self._because: Cause = self.cause
        """Of the trigger that is being dealt with."""
        self.is_started = False
        """Whether it is to run: INIT may be waiting for the first word of a tracker."""
        self.adverts_sent = 0
        self.adverts_received = 0
        self.resignations_sent = self.resignations_received = 0
        self.masterships_ended = 0
        self._out = Outbox()
        self._now = Instant(0)
        self._skew_before = ZERO
        """Skew_Time as the running Master_Down_Timer was armed with it, while that is changed."""
        self._last_advert = LastAdvert()
        self._announcing = Announcing(self.timers)
        self._conflict = Conflict(self.timers)
        self._actions = self._methods()

    def _methods(self) -> dict[Action, Callable[[], None]]:
        return {
            Action.SEND_ADVERT: self._send_advert,
            Action.SEND_RESIGNATION: self._send_resignation,
            Action.GRANT: self._grant,
            Action.RENEW: self._renew,
            Action.REVOKE: self._revoke,
            Action.ANNOUNCE: self._announce_term,
            Action.ANSWER_CONFLICT: self._answer_conflict,
            Action.ARM_ADVERT: self._arm_advert,
            Action.ARM_MASTER_DOWN: self._arm_master_down,
            Action.ARM_SKEW: self._arm_skew,
            Action.SHIFT_MASTER_DOWN: self._shift_master_down,
            Action.DISARM: self.timers.clear,
            Action.FOLLOW: self._follow,
            Action.NOTE_WEAKER: self.rivals.note_weaker,
            Action.HOLD_BACK: self._hold_back,
            Action.FORGET: self.rivals.forget,
            Action.ARM_RETRY: self._arm_retry,
            Action.WANT: self._want,
        }

    # ---- what can be asked -----------------------------------------------------------------

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def own_address(self) -> IpAddress | None:
        """Source of its adverts: the first address that `own_link` gives, and nobody's VIP."""
        return self.link.addresses[0] if self.link and self.link.addresses else None

    def link_fault(self) -> LinkFault | None:
        """Why its link cannot carry adverts, in words after its name; None: it can."""
        return fault_of(self.config, self.link, minds_carrier=self.config.minds_own_link)

    @property
    def is_ready(self) -> bool:
        """Whether it would be MASTER if the others of its sync group would."""
        return self.ready is not None

    def why_ready(self, now: Instant) -> Cause:
        """Why it wants to be MASTER; a weaker master may have come since it began to."""
        assert self.ready is not None
        assert self.since is not None
        if self.rivals.weaker is None:
            return self.ready
        return self.rivals.silence(self.since, self.priority, now)

    def shared_lease(self) -> Lease:
        """Its lease, as short as that of its sync group."""
        return self.lease if self.membership is None else self.membership.cap(self.lease)

    def active_interval(self) -> Duration:
        """Active_Adver_Interval: the followed master's, or our own where nobody is followed."""
        own, master = self.config.advert_interval, self.rivals.master
        return own if master is None else active_interval(self.config.version, own, master.interval)

    def master_down(self) -> Duration:
        """Master_Down_Interval of this router (RFC 9568, 6.1)."""
        config = self.config
        return master_down_interval(
            config.version, self.priority, self.active_interval(), config.down_timer_adverts
        )

    def skew(self) -> Duration:
        """Skew_Time of this router (RFC 9568, 6.1)."""
        return skew_time(self.config.version, self.priority, self.active_interval())

    # ---- the actions -----------------------------------------------------------------------

    def _send(self, priority: int) -> None:
        if (own := self.own_address) is None or self._nobody_to_send_to():
            return
        advert = self._last_advert.make(self.config, own, priority)
        self._out.effects.append(self.signatures.complete(self.config, advert, self._now))
        self.adverts_sent += 1

    def _nobody_to_send_to(self) -> bool:
        unicast = self.config.unicast
        return unicast is not None and not unicast.peers

    def _send_advert(self) -> None:
        self._send(self.priority)
        if self.term is not None:
            self.term.sends(self._now)

    def _advertise(self) -> None:
        """One advert out of turn, and all that an advert of a master brings with it."""
        self._send_advert()
        self._renew()
        self._arm_advert()

    def _send_resignation(self) -> None:
        self.resignations_sent += self.own_address is not None
        self._send(PRIORITY_RESIGN)

    def _grant(self) -> None:
        self.terms += 1
        self.term = Term(self.name, self.terms, self._now, self._now)
        self.term.grant(self.config.held, self.shared_lease(), self._now, self._out)
        self._install(self.config.routing)

    def _renew(self) -> None:
        # That of a group depends on the adverts of all, and `renew_until` brings it.
        if self.term is not None and self.membership is None:
            self.term.renew(self.lease, self.config.advert_interval, self._now, self._out)

    def _revoke(self) -> None:
        assert self.term is not None
        self._remove(self.config.routing)
        self.term.revoke(self.config.held, self._out)
        self.term = None
        self.masterships_ended += 1

    def _install(self, routing: Routing) -> None:
        assert self.term is not None
        if routing:
            self._out.effects.append(InstallRouting(self.name, self.term.number, routing))

    def _remove(self, routing: Routing) -> None:
        assert self.term is not None
        if routing:
            self._out.effects.append(RemoveRouting(self.name, self.term.number, routing))

    def _announce_term(self) -> None:
        repeat = self._announcing.begin(self.config, self._now)
        self._announce(self.config.held, repeat)

    def _announce(self, addresses: tuple[VirtualAddress, ...], repeat: int) -> None:
        assert self.term is not None
        if repeat > 0:
            self._out.effects.append(self.term.announcement(addresses, repeat))

    def _answer_conflict(self) -> None:
        """A rival must hear us at once, and clients must learn where the address is."""
        heard = self.rivals.latest
        assert heard is not None
        is_rival = heard.priority != PRIORITY_RESIGN and not self._is_last_word(heard)
        if is_rival:
            self.rivals.note_weaker()
            fact = self._conflict.goes_on(heard, self.config, self.priority, self._now)
            if fact is not None:
                self._out.facts.append(fact)
        if self._answer() and is_rival:
            told = Mention(self.name, Occasion.MASTER_RX_LOWER_PRI, self.priority)
            self._out.effects.append(told)

    def _is_last_word(self, heard: Heard) -> bool:
        """The master that we have just overtaken says it once more as it steps down: no conflict.

        If it does not step down its next advert comes after this. An owner overtakes whoever there
        is, unseen.
        """
        overtaken = isinstance(self.cause, WeakerMaster) and self.cause.master == heard.source
        overtaken |= self.config.is_owner and heard.priority < self.priority
        since = self.since
        return overtaken and since is not None and self._now - since < heard.interval // 2

    def _answer(self) -> bool:
        if not self._conflict.may_answer(self._now):
            return False
        latest = self.rivals.latest
        if self.config.answers_weaker or latest is None or latest.priority == PRIORITY_RESIGN:
            self._advertise()
        repeat = self._announcing.conflict(self.config.garp, self._now)
        self._announce(self.config.held, repeat)
        return True

    def _conflict_over(self) -> None:
        # Always, whatever the policy says of answers: clients may have followed the other one.
        self._announce(self.config.held, max(1, self.config.garp.lower_prio_repeat))
        rival, self.rivals.weaker = self.rivals.weaker, None
        assert rival is not None
        self._out.facts.append(ConflictEnded(self.name, rival.source))

    def _master_timer_fired(self, kind: TimerKind) -> None:
        """One of the timers that are armed only while MASTER, and change no state."""
        addresses, garp = self.config.held, self.config.garp
        if kind is TimerKind.ANNOUNCE_AGAIN:
            self._announce(addresses, self._announcing.again())
        elif kind is TimerKind.REFRESH:
            self._announce(addresses, self._announcing.refresh(garp, self._now))
        elif kind is TimerKind.EXTRA:
            repeat = self._announcing.elsewhere(garp, self._now)
            self._announce(extra_addresses(self.config), repeat)
        elif kind is TimerKind.ANSWER:
            self._answer()
        else:
            self._conflict_over()

    def _follow(self) -> None:
        self.rivals.follow()
        self.ready = None

    def _want(self) -> None:
        self.ready = self._because

    def _arm_advert(self) -> None:
        self.timers[TimerKind.ADVERT] = self._now + self.config.advert_interval

    def _arm_master_down(self) -> None:
        self.timers[TimerKind.MASTER_DOWN] = self._now + self.master_down()

    def _arm_skew(self) -> None:
        # The first of several resignations counts: they must not put the takeover off.
        due = min(self.timers[TimerKind.MASTER_DOWN], self._now + self.skew())
        self.timers[TimerKind.MASTER_DOWN] = due

    def _shift_master_down(self) -> None:
        # keepalived too shifts the running timer by the difference.
        due = self.timers[TimerKind.MASTER_DOWN] + (self.skew() - self._skew_before)
        self.timers[TimerKind.MASTER_DOWN] = max(self._now, due)

    def _hold_back(self) -> None:
        self.rivals.fought_until = self._now + HOLD_BACK

    def _arm_retry(self) -> None:
        self.timers[TimerKind.RETRY] = self._now + RETRY_EVERY

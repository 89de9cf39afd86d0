"""One virtual router: looks its table up and performs the rows.

Knows its configuration, its state, its timers and its term. Must not know a clock, a socket or
another router. Three sources drive it: triggers (from `heard`, `link_changed`, the timers), the
reports of the adapters, and a reload. What it wants done goes into the outbox it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from halod.model.address import IpAddress, Link, VirtualAddress
from halod.model.advert import PRIORITY_RESIGN, Advert
from halod.model.cause import (
    AddressesContested,
    AddressesRefused,
    Cause,
    LeaseLapsed,
    LinkUnusable,
    LinkUsable,
    Overslept,
    OwnerStarts,
    Starting,
    StrongerMaster,
)
from halod.model.effect import (
    AnnounceAddresses,
    GrantAddresses,
    Notify,
    RenewAddresses,
    RevokeAddresses,
)
from halod.model.election import master_down_interval, skew_time
from halod.model.event import AddressLost, LossBy
from halod.model.fact import AddressesForeign, AddressPutBack, ConflictEnded, ConflictSeen
from halod.model.fact import StateChanged as StateChangedFact
from halod.model.state import State
from halod.model.units import ZERO, Duration, Instant
from halod.model.vrrp import VrrpInstance
from halod.vrrp.lease import PUT_BACK_MAX, PUT_BACK_WINDOW, Term
from halod.vrrp.message import advert_of
from halod.vrrp.outbox import Outbox
from halod.vrrp.rivals import HOLD_BACK, Heard, Rivals
from halod.vrrp.table import ON_ENTER, ON_EXIT, TRANSITIONS, Action, Trigger

__all__ = ["TimerKind", "VirtualRouter"]

CONFLICT_ANSWER_GAP = Duration.milliseconds(10)
"""At most one answer to a weaker master in this time: a flood must not be amplified."""


class TimerKind(Enum):
    """The timers of one router."""

    MASTER_DOWN = "Master_Down_Timer"
    ADVERT = "Adver_Timer"
    ANNOUNCE_AGAIN = "second burst of gratuitous ARP"
    REFRESH = "refresh of gratuitous ARP"
    CONFLICT_OVER = "silence of the other master"


class VirtualRouter:
    """A `vrrp_instance` at work (RFC 9568, 6)."""

    def __init__(self, config: VrrpInstance) -> None:
        self.config = config
        self.state = State.INITIALIZE
        self.cause: Cause = Starting()
        self.since: Instant | None = None
        self.link: Link | None = None
        self.timers: dict[TimerKind, Instant] = {}
        self.rivals = Rivals()
        self.term: Term | None = None
        self.terms = 0
        self.adverts_sent = 0
        self.adverts_received = 0
        self._answered: Instant | None = None
        self._out = Outbox()
        self._now = Instant(0)
        self._announce_repeat = config.garp.repeat
        self._actions: dict[Action, Callable[[], None]] = {
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
            Action.DISARM: self.timers.clear,
            Action.FOLLOW: self.rivals.follow,
            Action.NOTE_WEAKER: self.rivals.note_weaker,
            Action.HOLD_BACK: self._hold_back,
        }

    # ---- what can be asked -----------------------------------------------------------------

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def own_address(self) -> IpAddress | None:
        """Source of its adverts: the first address of the link that is nobody's VIP."""
        return self.link.addresses[0] if self.link and self.link.addresses else None

    def master_down(self) -> Duration:
        """Master_Down_Interval of this router (RFC 9568, 6.1)."""
        config = self.config
        return master_down_interval(
            config.version, config.priority, config.advert_interval, config.down_timer_adverts
        )

    def link_fault(self) -> str | None:
        """Why the link cannot be used, or None."""
        if self.link is None:
            return "does not exist"
        if not self.link.running:
            return "is down or has no carrier"
        if not self.link.addresses:
            return "has no IPv4 address"
        return None

    # ---- what can happen -------------------------------------------------------------------

    def start(self, now: Instant, out: Outbox) -> None:
        """RFC 9568, 6.4.1, Startup."""
        fault = self.link_fault()
        if fault is not None:
            self._fire(Trigger.LINK_LOST, LinkUnusable(self.config.interface, fault), now, out)
        elif self.config.is_owner:
            self._fire(Trigger.STARTUP_OWNER, OwnerStarts(), now, out)
        else:
            self._fire(Trigger.STARTUP, Starting(), now, out)

    def stop(self, cause: Cause, now: Instant, out: Outbox) -> None:
        """RFC 9568, 6.4, Shutdown."""
        self._fire(Trigger.SHUTDOWN, cause, now, out)

    def link_changed(self, link: Link | None, now: Instant, out: Outbox) -> None:
        """The interface changed, or is gone (None)."""
        self.link = link
        if self.state is State.INITIALIZE:
            return
        fault = self.link_fault()
        if fault is not None:
            self._fire(Trigger.LINK_LOST, LinkUnusable(self.config.interface, fault), now, out)
        else:
            back = Trigger.LINK_BACK_OWNER if self.config.is_owner else Trigger.LINK_BACK
            self._fire(back, LinkUsable(self.config.interface), now, out)

    def advert_heard(self, advert: Advert, source: IpAddress, now: Instant, out: Outbox) -> None:
        """An advert that was admitted."""
        self.adverts_received += 1
        own = self.own_address
        assert own is not None, "a router without an address hears nothing"
        trigger = self.rivals.compare(Heard(source, advert.priority, now), self.config, own)
        # Told only where the state changes, and then it was a stronger master.
        cause = StrongerMaster(source, advert.priority, self.config.priority)
        self._fire(trigger, cause, now, out)

    def timer_fired(self, kind: TimerKind, now: Instant, out: Outbox) -> None:
        """A timer of this router is due."""
        due = self.timers.pop(kind)
        if kind is TimerKind.MASTER_DOWN:
            if now - due > self.config.advert_interval:
                self._overslept(now, now - due, out)
            else:
                assert self.since is not None, "the timer is armed on entering BACKUP"
                silence = self.rivals.silence(self.since, self.config.priority, now)
                self._fire(Trigger.MASTER_DOWN, silence, now, out)
        elif kind is TimerKind.ADVERT:
            self._fire(Trigger.ADVERT_DUE, self.cause, now, out)
        else:
            self._enter_call(now, out)
            self._announcement_due(kind)

    def check_awake(self, now: Instant, out: Outbox) -> None:
        """Before anything else: a master that slept past its lease is none any more."""
        if self.state is State.MASTER and self.term is not None and self.term.overslept(now):
            self._overslept(now, now - self.term.advert_sent, out)

    def granted(
        self, term: int, foreign: tuple[VirtualAddress, ...], now: Instant, out: Outbox
    ) -> None:
        """The addresses of a term stand, but for those that are the operator's."""
        if self.term is None or self.term.number != term:
            return
        new = frozenset(foreign) - self.term.foreign
        self.term.foreign |= new
        if new:
            names = tuple(a.address for a in self.config.addresses if a in new)
            out.facts.append(AddressesForeign(self.name, names))

    def grant_failed(self, term: int, reason: str, now: Instant, out: Outbox) -> None:
        """One refused address ends the mastership: half of them is worse than none."""
        if self.term is not None and self.term.number == term:
            self._fire(Trigger.REFUSED, AddressesRefused(reason), now, out)

    def address_lost(self, event: AddressLost, now: Instant, out: Outbox) -> None:
        """An address went that nobody here removed (DESIGN, section 4)."""
        term = self.term
        if term is None or not term.holds(event.address, self.config.addresses):
            return
        if event.by is LossBy.KERNEL or term.overslept(now):
            self._fire(Trigger.LEASE_LAPSED, LeaseLapsed(event.address), now, out)
            return
        if not term.may_put_back(now):
            cause = AddressesContested(event.address, len(term.put_back), PUT_BACK_WINDOW)
            self._fire(Trigger.CONTESTED, cause, now, out)
            return
        self._enter_call(now, out)
        back = tuple(a for a in self.config.addresses if a.address == event.address)
        self._grant_some(term, back)
        self._announce(back, self.config.garp.repeat)
        out.facts.append(
            AddressPutBack(
                self.name, event.address, event.culprit, len(term.put_back), PUT_BACK_MAX
            )
        )

    def reconfigure(self, config: VrrpInstance, now: Instant, out: Outbox) -> None:
        """Takes a configuration of the same link, VRID and version as deltas."""
        self._enter_call(now, out)
        old, old_down = self.config, self.master_down()
        self.config = config
        term = self.term
        if self.state is State.BACKUP and TimerKind.MASTER_DOWN in self.timers:
            # keepalived too shifts the running timer by the difference.
            self.timers[TimerKind.MASTER_DOWN] += self.master_down() - old_down
        if self.state is not State.MASTER or term is None:
            return
        gone = tuple(a for a in old.addresses if a not in config.addresses)
        new = tuple(a for a in config.addresses if a not in old.addresses)
        self._send_advert()
        if gone:
            out.effects.append(RevokeAddresses(self.name, term.number, term.ours(gone)))
        if new:
            self._grant_some(term, new)
            self._announce(new, config.garp.repeat)
        self._arm_advert()

    # ---- the table -------------------------------------------------------------------------

    def _fire(self, trigger: Trigger, cause: Cause, now: Instant, out: Outbox) -> None:
        self._enter_call(now, out)
        row = TRANSITIONS[self.state, trigger]
        for action in row.actions:
            self._actions[action]()
        if row.state is self.state:
            return
        old = self.state
        for action in ON_EXIT[old]:
            self._actions[action]()
        self.state, self.cause, self.since = row.state, cause, now
        out.facts.append(StateChangedFact(self.name, old, row.state, cause))
        for action in ON_ENTER[row.state]:
            self._actions[action]()
        out.effects.append(Notify(self.name, row.state, self.config.priority, cause))

    def _enter_call(self, now: Instant, out: Outbox) -> None:
        self._now, self._out = now, out

    def _overslept(self, now: Instant, gap: Duration, out: Outbox) -> None:
        lease = self.term.patience if self.term else self.config.advert_interval
        cause = Overslept(gap, lease)
        owner = self.config.is_owner
        self._fire(Trigger.OVERSLEPT_OWNER if owner else Trigger.OVERSLEPT, cause, now, out)
        if self.state is State.INITIALIZE:
            self.start(now, out)

    # ---- the actions -----------------------------------------------------------------------

    def _send(self, priority: int) -> None:
        own = self.own_address
        if own is None:
            return
        self._out.effects.append(advert_of(self.config, own, priority))
        self.adverts_sent += 1

    def _send_advert(self) -> None:
        self._send(self.config.priority)
        if self.term is not None:
            # Before it is sent: else the lease would outlast the peer's timer.
            self.term.advert_sent = self._now

    def _send_resignation(self) -> None:
        self._send(PRIORITY_RESIGN)

    def _grant(self) -> None:
        self.terms += 1
        self.term = Term.begin(self.terms, self.config, self._now)
        self.rivals.won()
        self._grant_some(self.term, self.config.addresses)

    def _grant_some(self, term: Term, addresses: tuple[VirtualAddress, ...]) -> None:
        until = None if term.lease is None else self._now + term.lease
        self._out.effects.append(
            GrantAddresses(self.name, term.number, addresses, term.lease, until)
        )

    def _renew(self) -> None:
        term = self.term
        if term is None or term.lease is None:
            return
        void_after = self._now + self.config.advert_interval // 2
        self._out.effects.append(RenewAddresses(self.name, term.number, term.lease, void_after))

    def _revoke(self) -> None:
        assert self.term is not None
        ours = self.term.ours(self.config.addresses)
        self._out.effects.append(RevokeAddresses(self.name, self.term.number, ours))
        self.term = None

    def _announce_term(self) -> None:
        garp = self.config.garp
        self._announce(self.config.addresses, garp.repeat)
        if garp.delay > ZERO:
            self.timers[TimerKind.ANNOUNCE_AGAIN] = self._now + garp.delay
            self._announce_repeat = garp.repeat
        if garp.refresh > ZERO:
            self.timers[TimerKind.REFRESH] = self._now + garp.refresh

    def _announce(self, addresses: tuple[VirtualAddress, ...], repeat: int) -> None:
        if self.term is not None and repeat > 0:
            self._out.effects.append(
                AnnounceAddresses(self.name, self.term.number, addresses, repeat)
            )

    def _answer_conflict(self) -> None:
        """A rival must hear us at once, and clients must learn where the address is."""
        if self._answered is not None and self._now - self._answered < CONFLICT_ANSWER_GAP:
            return
        self._answered = self._now
        self.rivals.note_weaker()
        config, rival = self.config, self.rivals.weaker
        assert rival is not None
        self._send_advert()
        self._renew()
        self._arm_advert()
        self._announce(config.addresses, config.garp.lower_prio_repeat)
        if TimerKind.CONFLICT_OVER not in self.timers and rival.priority != PRIORITY_RESIGN:
            self._out.facts.append(
                ConflictSeen(self.name, rival.source, rival.priority, config.priority)
            )
        if rival.priority != PRIORITY_RESIGN:
            gap = config.advert_interval + config.advert_interval // 2
            self.timers[TimerKind.CONFLICT_OVER] = self._now + gap
        if config.garp.lower_prio_delay > ZERO:
            self.timers[TimerKind.ANNOUNCE_AGAIN] = self._now + config.garp.lower_prio_delay
            self._announce_repeat = config.garp.lower_prio_repeat

    def _announcement_due(self, kind: TimerKind) -> None:
        garp = self.config.garp
        if kind is TimerKind.REFRESH:
            self._announce(self.config.addresses, garp.refresh_repeat)
            self.timers[kind] = self._now + garp.refresh
        elif kind is TimerKind.ANNOUNCE_AGAIN:
            self._announce(self.config.addresses, self._announce_repeat)
        else:
            self._announce(self.config.addresses, garp.lower_prio_repeat)
            if self.rivals.weaker is not None:
                self._out.facts.append(ConflictEnded(self.name, self.rivals.weaker.source))
            self.rivals.weaker = None

    def _arm_advert(self) -> None:
        self.timers[TimerKind.ADVERT] = self._now + self.config.advert_interval

    def _arm_master_down(self) -> None:
        self.timers[TimerKind.MASTER_DOWN] = self._now + self.master_down()

    def _arm_skew(self) -> None:
        config = self.config
        skew = skew_time(config.version, config.priority, config.advert_interval)
        self.timers[TimerKind.MASTER_DOWN] = self._now + skew

    def _hold_back(self) -> None:
        self.rivals.hold_until = self._now + HOLD_BACK

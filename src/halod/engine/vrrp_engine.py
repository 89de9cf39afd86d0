"""All virtual routers of one daemon behind one door: `handle(event, now) -> Ready`.

Knows which router an event concerns. Must not know a clock, a socket, or how an effect is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import assert_never

from halod.engine.echoes import Echoes
from halod.engine.link_delays import LinkDelays
from halod.engine.ready import Ready
from halod.engine.reload import plan_reload
from halod.engine.seat import Seat
from halod.engine.sync_groups import SyncGroups
from halod.engine.timers import TimerHeap
from halod.engine.tracker_board import TrackerBoard
from halod.engine.view import instance_view
from halod.model.address import Link
from halod.model.cause import Reconfigured as ReconfiguredCause
from halod.model.cause import Stopping
from halod.model.drop import DropReason
from halod.model.event import (
    AddressLost,
    AdvertReceived,
    AdvertSendFailed,
    Event,
    GateLapsed,
    GateObserved,
    Granted,
    GrantFailed,
    LinkGone,
    LinkObserved,
    Reconfigured,
    Started,
    StopRequested,
    TimerFired,
    TrackerReported,
    WallClockObserved,
)
from halod.model.fact import GateMissing, GatePutBack, InstanceChanged, SendFailed
from halod.model.link_delay import LinkDelay
from halod.model.state import State
from halod.model.sync_group import VrrpSyncGroup
from halod.model.tracking import TrackerId, TrackerKind
from halod.model.units import Instant
from halod.model.view import EngineView
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.vrrp.admission import is_addressed
from halod.vrrp.drops import DropLedger
from halod.vrrp.machine import VirtualRouter
from halod.vrrp.outbox import Outbox
from halod.vrrp.own_link import own_link
from halod.vrrp.sequence_memory import SequenceMemory, VolatileMemory
from halod.vrrp.signatures import Signatures, WallClock
from halod.vrrp.sync_group import SyncGroup
from halod.wire import vrrp

__all__ = ["VrrpEngine"]

TERMS_MAX = 4096  # names, those of earlier files among them; the oldest are forgotten
UNKNOWN_VRID_MAX = 256
"""Foreign (link, VRID) pairs counted: a link has 255, and a flood must not fill memory."""


class VrrpEngine:
    """The pure composition: routers, their timers, and four doors."""

    def __init__(
        self,
        instances: Iterable[VrrpInstance],
        groups: Iterable[VrrpSyncGroup] = (),
        memory_of: Callable[[str], SequenceMemory] = lambda _: VolatileMemory(),
        delays: Iterable[LinkDelay] = (),
    ) -> None:
        """`memory_of`: where an instance of that name keeps the sequences of its signatures."""
        self._seats: dict[str, Seat] = {}
        self._by_vrid: dict[tuple[str, int, int], list[Seat]] = {}
        """(interface, version of IP, VRID) to those that listen there."""
        self._links: dict[str, Link] = {}
        self._wall = WallClock()
        self._memory_of = memory_of
        self._delays = LinkDelays(delays)
        self._timers = TimerHeap()
        self._echoes = Echoes()
        self._link_drops: Counter[DropReason] = Counter()
        self._unknown: Counter[tuple[str, int]] = Counter()
        self._gated: set[tuple[LeaseMode, str]] = set()
        """Which gate hangs on which interface."""
        self._board = TrackerBoard()
        self._running = False
        self._terms: dict[str, int] = {}
        for instance in instances:
            self._add(instance)
        self._groups = SyncGroups(groups, self._routers())
        self._board.track(self._configurations(), None)

    # ---- the four doors -------------------------------------------------------------------

    def handle(self, event: Event, now: Instant) -> Ready:
        """Everything that follows from one event. `now` is CLOCK_BOOTTIME and never runs back.

        The caller performs `Ready.in_order()`, tells `Ready.facts`, then arms its timer with
        `deadline()`.
        """
        out = Outbox()
        self._dispatch(event, now, out)
        return Ready.of(out)

    def repeat(self, interface: str, packet: bytes, now: Instant) -> bool:
        """Whether this is the advert that a backup follows, once more; if so, it is dealt with.

        `packet`: an IP datagram as a raw socket gives it. All that changes is that the master was
        heard now, and Master_Down_Timer fires later: there is nothing to perform or to tell, and
        the caller's timer may stay as it is (it fires early, finds nothing due, and is armed anew).
        False: decode it and `handle` it.
        """
        echo = self._echoes.find(interface, packet)
        if echo is None:
            return False
        echo.router.heard_again(now, self._echoes.due(echo, now))
        return True

    def deadline(self) -> Instant | None:
        """When to send `TimerFired`; None: nothing is armed."""
        both = (self._timers.first(), self._delays.first())
        return min((due for due in both if due is not None), default=None)

    def view(self, now: Instant) -> EngineView:
        """What can be shown of every instance, in the order of the file."""
        return EngineView(
            instances=tuple(
                instance_view(seat.router, seat.drops, now) for seat in self._seats.values()
            ),
            link_drops={reason.value: count for reason, count in self._link_drops.items()},
            unknown_virtual_router_ids={
                f"{interface}/{vrid}": count for (interface, vrid), count in self._unknown.items()
            },
        )

    def states(self) -> Iterator[tuple[str, State]]:
        """Name and state of each instance: what the supervisor must know if we die."""
        return ((name, seat.router.state) for name, seat in self._seats.items())

    # ---- events ----------------------------------------------------------------------------

    def _dispatch(self, event: Event, now: Instant, out: Outbox) -> None:
        match event:
            case AdvertReceived():
                self._advert_received(event, now, out)
            case TimerFired():
                self._timer_fired(now, out)
            case LinkObserved(link):
                self._links[link.name] = self._delays.observe(link, now)
                self._link_changed(link.name, now, out)
            case LinkGone(interface):
                self._links.pop(interface, None)
                self._delays.gone(interface)
                self._link_changed(interface, now, out)
            case Granted(name, term, foreign):
                for seat in self._touch([name], now, out):
                    seat.router.granted(term, foreign, now, out)
            case GrantFailed(name, term, reason):
                for seat in self._touch([name], now, out):
                    seat.router.grant_failed(term, reason, now, out)
            case AddressLost():
                for seat in self._touch(list(self._seats), now, out):
                    seat.router.address_lost(event, now, out)
            case AdvertSendFailed(name, reason):
                for seat in self._touch([name], now, out):
                    # In FAULT it was the resignation, and the reason of the fault has been told.
                    if seat.router.state is not State.FAULT:
                        out.facts.append(SendFailed(name, reason))
                    seat.router.advert_refused(reason, now, out)
            case GateObserved():
                self._gate_observed(event, now, out)
            case GateLapsed(name, term):
                for seat in self._touch([name], now, out):
                    seat.router.gate_lapsed(term, now, out)
            case WallClockObserved(offset):
                self._wall.offset = offset
            case TrackerReported():
                if self._board.take(event):
                    self._tracker_changed(event.tracker, now, out)
            case Started(uptime):
                self._running = True
                self._board.track(self._configurations(), self._links)
                for seat in self._touch(list(self._seats), now, out):
                    seat.router.begin(now, out, uptime)
            case StopRequested():
                self._running = False
                for seat in self._touch(list(self._seats), now, out):
                    seat.router.stop(Stopping(), now, out)
                self._groups.stop(Stopping(), out)
            case Reconfigured(instances, groups, delays):
                self._delays.adopt(delays)
                self._reconfigure(instances, groups, now, out)
            case _:
                assert_never(event)

    def _touch(self, names: Iterable[str], now: Instant, out: Outbox) -> Iterator[Seat]:
        """Seats to be called; what their timers and states became is taken up after each, and after
        the last of them what that makes of their sync groups.

        Before anything else a master that slept past its lease (frozen, starved, suspended) is
        none any more, whatever woke it.
        """
        groups: dict[str, SyncGroup] = {}
        for name in names:
            seat = self._seats.get(name)
            if seat is None:
                continue
            state = seat.router.state
            self._echoes.forget(name)
            group = self._groups.around(name)
            if group is None:
                seat.router.check_awake(now, out)
            else:
                groups[group.name] = group
                for _ in self._together(group):
                    group.check_awake(now, out)
            yield seat
            self._take_up(seat, state)
        for group in groups.values():
            for _ in self._together(group):
                group.settle(now, out)

    def _together(self, group: SyncGroup) -> Iterator[None]:
        """Something happens to all members; those that a reload is about to remove are none."""
        seats = [self._seats[m.name] for m in group.members if m.name in self._seats]
        states = [seat.router.state for seat in seats]
        yield
        for seat, state in zip(seats, states, strict=True):
            self._take_up(seat, state)

    def _take_up(self, seat: Seat, before: State) -> None:
        self._timers.sync(seat.router)
        if seat.router.state is not before:
            self._echoes.forget(seat.router.name)
            seat.drops.state_changed()

    def _advert_received(self, event: AdvertReceived, now: Instant, out: Outbox) -> None:
        vrid = vrrp.peek_virtual_router_id(event.payload)
        if vrid is None:
            self._link_drops[DropReason.TOO_SHORT] += 1
            return
        seats = self._by_vrid.get((event.interface, event.source.version, vrid))
        if seats is None:
            self._count_unknown(event.interface, vrid)
            return
        seat = seats[0] if len(seats) == 1 else _meant(seats, event)
        advert = seat.admit(event, now, out)
        # One that does not count wakes nobody: floods are made of such.
        if advert is None:
            return
        for _ in self._touch([seat.router.name], now, out):
            seat.hear(advert, event, now, out)
            if seat.may_repeat():
                self._echoes.remember(event, seat.router, now)

    def _count_unknown(self, interface: str, vrid: int) -> None:
        """Never logged: a link that several clusters share is nothing to be alarmed about."""
        self._link_drops[DropReason.NO_INSTANCE] += 1
        key = (interface, vrid)
        if key in self._unknown or len(self._unknown) < UNKNOWN_VRID_MAX:
            self._unknown[key] += 1

    def _timer_fired(self, now: Instant, out: Outbox) -> None:
        for link in self._delays.due(now):
            self._links[link.name] = link
            self._link_changed(link.name, now, out)
        # In the order in which they were due, rounds or not.
        while (first := self._timers.first()) is not None and first <= now:
            out.rounds += self._timers.go_on(now)
            for router, kind in self._timers.due(now):
                for seat in self._touch([router.name], now, out):
                    seat.router.timer_fired(kind, now, out)

    def _link_changed(self, interface: str, now: Instant, out: Outbox) -> None:
        names = [
            name
            for name, seat in self._seats.items()
            # A source that is configured may stand on any link.
            if seat.router.config.source is not None or seat.router.config.interface == interface
        ]
        for seat in self._touch(names, now, out):
            config = seat.router.config
            own = own_link(config, self._links)
            if config.interface == interface or own != seat.router.link:
                seat.router.link_changed(own, now, out)
        if self._board.link_changed(interface, self._links.get(interface)):
            self._tracker_changed(TrackerId(TrackerKind.INTERFACE, interface), now, out)

    def _tracker_changed(self, tracker: TrackerId, now: Instant, out: Outbox) -> None:
        names = [
            name
            for name, seat in self._seats.items()
            if any(tracked.tracker == tracker for tracked in seat.router.config.trackers)
        ]
        for seat in self._touch(names, now, out):
            seat.router.tracker_changed(tracker, now, out)

    def _gate_observed(self, event: GateObserved, now: Instant, out: Outbox) -> None:
        if event.hangs:
            self._gated.add((event.gate, event.interface))
            if event.put_back:
                out.facts.append(GatePutBack(event.interface, event.gate))
        else:
            self._gated.discard((event.gate, event.interface))
            out.facts.append(GateMissing(event.interface, event.gate, event.reason))
        for seat in self._touch(list(self._seats), now, out):
            seat.router.gates_observed(self._gates_around(seat.router.config), now, out)

    def _gates_around(self, config: VrrpInstance) -> frozenset[LeaseMode]:
        """Gates that hang on each interface of an instance."""
        interfaces = config.interfaces
        return frozenset(
            gate
            for gate in (LeaseMode.BPF, LeaseMode.NFT)
            if all((gate, interface) in self._gated for interface in interfaces)
        )

    # ---- reload ----------------------------------------------------------------------------

    def _configurations(self) -> Iterator[VrrpInstance]:
        return (router.config for router in self._routers().values())

    def _routers(self) -> dict[str, VirtualRouter]:
        return {name: seat.router for name, seat in self._seats.items()}

    def _add(self, instance: VrrpInstance, terms: int = 0) -> Seat:
        signatures = Signatures(self._wall, partial(self._memory_of, instance.name))
        gates = self._gates_around(instance)
        router = VirtualRouter(instance, terms, gates, self._board.reports, signatures)
        router.link = own_link(instance, self._links)
        seat = Seat(router, DropLedger(instance.name))
        self._seats[instance.name] = seat
        self._by_vrid.setdefault(_heard_as(instance), []).append(seat)
        return seat

    def _remove(self, name: str, why: str, now: Instant, out: Outbox) -> None:
        seat = self._seats[name]
        self._echoes.forget(name)
        seat.router.stop(ReconfiguredCause(why), now, out)
        self._timers.forget(seat.router)
        del self._seats[name]
        key = _heard_as(seat.router.config)
        self._by_vrid[key].remove(seat)
        if not self._by_vrid[key]:
            del self._by_vrid[key]

    def _reconfigure(
        self,
        instances: tuple[VrrpInstance, ...],
        groups: tuple[VrrpSyncGroup, ...],
        now: Instant,
        out: Outbox,
    ) -> None:
        """Deltas: what did not change is not touched, and loses no advert."""
        plan = plan_reload({n: s.router.config for n, s in self._seats.items()}, instances)
        # A late report on a router that went must not pass for one on its successor.
        self._terms |= {name: seat.router.terms for name, seat in self._seats.items()}
        self._terms = dict(list(self._terms.items())[-TERMS_MAX:])
        self._board.track(instances, self._links if self._running else None)
        for name, why in plan.removed:
            self._remove(name, why, now, out)
            out.facts.append(InstanceChanged(name, why))
        for instance, what in plan.changed:
            out.facts.append(InstanceChanged(instance.name, what))
            for seat in self._touch([instance.name], now, out):
                before = seat.router.link, seat.router.config.unicast
                seat.router.link = own = own_link(instance, self._links)
                seat.router.reconfigure(instance, self._gates_around(instance), now, out)
                if before != (own, instance.unicast):
                    seat.router.link_changed(own, now, out)
        for instance in plan.added:
            self._add(instance, self._terms.get(instance.name, 0))
            out.facts.append(InstanceChanged(instance.name, "added by the reload"))
        # The order of the file, for status.
        self._seats = {instance.name: self._seats[instance.name] for instance in instances}
        # Not later: who begins must know with whom it stands.
        changed = self._groups.adopt(groups, self._routers(), now, out)
        added = {instance.name for instance in plan.added}
        changed |= added
        for seat in self._touch([name for name in self._seats if name in changed], now, out):
            if self._running and seat.router.name in added:
                seat.router.start(now, out)


def _heard_as(instance: VrrpInstance) -> tuple[str, int, int]:
    return instance.interface, instance.ip_version, instance.virtual_router_id


def _meant(seats: list[Seat], event: AdvertReceived) -> Seat:
    """Of several with one VRID, told apart by their groups or peers; else the first tells why."""
    fitting = (seat for seat in seats if is_addressed(seat.router.config, event))
    return next(fitting, seats[0])

"""All virtual routers of one daemon behind one door: `handle(event, now) -> Ready`.

Knows which router an event concerns. Must not know a clock, a socket, or how an effect is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import assert_never

from halod.engine.ready import Ready
from halod.engine.reload import plan_reload
from halod.engine.timers import TimerHeap
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
    Granted,
    GrantFailed,
    LinkGone,
    LinkObserved,
    Reconfigured,
    Started,
    StopRequested,
    TimerFired,
)
from halod.model.fact import InstanceChanged, SendFailed
from halod.model.state import State
from halod.model.units import Duration, Instant
from halod.model.view import EngineView
from halod.model.vrrp import VrrpInstance
from halod.vrrp.admission import Refusal, admit
from halod.vrrp.drops import DropLedger
from halod.vrrp.machine import VirtualRouter
from halod.vrrp.mismatch import ListComparison
from halod.vrrp.outbox import Outbox
from halod.wire import vrrp

__all__ = ["VrrpEngine"]

AWAKE_CHECK_AFTER = Duration.milliseconds(100)
"""Gap between two calls that makes every master look whether its lease is over: far below the
shortest lease (1 s), far above what a busy loop takes between two events."""
UNKNOWN_VRID_MAX = 256
"""Foreign (link, VRID) pairs counted: a link has 255, and a flood must not fill memory."""


@dataclass(slots=True)
class _Seat:
    """A router and what is remembered about it outside its machine."""

    router: VirtualRouter
    drops: DropLedger
    lists: ListComparison = field(default_factory=ListComparison)


class VrrpEngine:
    """The pure composition: routers, their timers, and the doors `handle`, `deadline`, `view`."""

    def __init__(self, instances: Iterable[VrrpInstance]) -> None:
        self._seats: dict[str, _Seat] = {}
        self._by_vrid: dict[tuple[str, int], _Seat] = {}
        self._links: dict[str, Link] = {}
        self._timers = TimerHeap()
        self._unknown: Counter[tuple[str, int]] = Counter()
        self._running = False
        self._last_call: Instant | None = None
        for instance in instances:
            self._add(instance)

    # ---- the three doors -------------------------------------------------------------------

    def handle(self, event: Event, now: Instant) -> Ready:
        """Everything that follows from one event. `now` is CLOCK_BOOTTIME and never runs back.

        The caller performs `Ready.in_order()`, tells `Ready.facts`, then arms its timer with
        `deadline()`.
        """
        out = Outbox()
        self._check_awake(now, out)
        self._dispatch(event, now, out)
        return Ready.of(out)

    def deadline(self) -> Instant | None:
        """When to send `TimerFired`; None: nothing is armed."""
        return self._timers.first()

    def view(self, now: Instant) -> EngineView:
        """What can be shown of every instance, in the order of the file."""
        return EngineView(
            instances=tuple(
                instance_view(seat.router, seat.drops, now) for seat in self._seats.values()
            ),
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
                self._links[link.name] = link
                self._link_changed(link.name, now, out)
            case LinkGone(interface):
                self._links.pop(interface, None)
                self._link_changed(interface, now, out)
            case Granted(name, term, foreign):
                for seat in self._touch([name]):
                    seat.router.granted(term, foreign, now, out)
            case GrantFailed(name, term, reason):
                for seat in self._touch([name]):
                    seat.router.grant_failed(term, reason, now, out)
            case AddressLost():
                for seat in self._touch(list(self._seats)):
                    seat.router.address_lost(event, now, out)
            case AdvertSendFailed(name, reason):
                out.facts.append(SendFailed(name, reason))
            case Started():
                self._running = True
                for seat in self._touch(list(self._seats)):
                    seat.router.start(now, out)
            case StopRequested():
                self._running = False
                for seat in self._touch(list(self._seats)):
                    seat.router.stop(Stopping(), now, out)
            case Reconfigured(instances):
                self._reconfigure(instances, now, out)
            case _:
                assert_never(event)

    def _touch(self, names: Iterable[str]) -> Iterator[_Seat]:
        """Seats to be called; what their timers and states became is taken up after each."""
        for name in names:
            seat = self._seats.get(name)
            if seat is None:
                continue
            state = seat.router.state
            yield seat
            self._timers.sync(seat.router)
            if seat.router.state is not state:
                seat.drops.state_changed()

    def _check_awake(self, now: Instant, out: Outbox) -> None:
        last, self._last_call = self._last_call, now
        if last is None or now - last < AWAKE_CHECK_AFTER:
            return
        for seat in self._touch(list(self._seats)):
            seat.router.check_awake(now, out)

    def _advert_received(self, event: AdvertReceived, now: Instant, out: Outbox) -> None:
        vrid = vrrp.peek_virtual_router_id(event.payload)
        if vrid is None:
            vrid = 0
        seat = self._by_vrid.get((event.interface, vrid))
        if seat is None:
            key = (event.interface, vrid)
            if key in self._unknown or len(self._unknown) < UNKNOWN_VRID_MAX:
                self._unknown[key] += 1
            return
        router = seat.router
        own = router.own_address
        if own is None or router.state in (State.INITIALIZE, State.FAULT):
            seat.drops.counts[DropReason.NOT_RUNNING] += 1
            return
        advert = admit(router.config, own, event)
        if isinstance(advert, Refusal):
            fact = seat.drops.count(event, advert.reason, advert.detail, now)
            if fact is not None:
                out.facts.append(fact)
            return
        mismatch = seat.lists.compare(router.config, advert, event.source)
        if mismatch is not None:
            out.facts.append(mismatch)
        for touched in self._touch([router.name]):
            touched.router.advert_heard(advert, event.source, now, out)

    def _timer_fired(self, now: Instant, out: Outbox) -> None:
        for router, kind in self._timers.due(now):
            for seat in self._touch([router.name]):
                seat.router.timer_fired(kind, now, out)

    def _link_changed(self, interface: str, now: Instant, out: Outbox) -> None:
        names = [n for n, s in self._seats.items() if s.router.config.interface == interface]
        for seat in self._touch(names):
            seat.router.link_changed(self._links.get(interface), now, out)

    # ---- reload ----------------------------------------------------------------------------

    def _add(self, instance: VrrpInstance) -> _Seat:
        router = VirtualRouter(instance)
        router.link = self._links.get(instance.interface)
        seat = _Seat(router, DropLedger(instance.name))
        self._seats[instance.name] = seat
        self._by_vrid[instance.interface, instance.virtual_router_id] = seat
        return seat

    def _remove(self, name: str, why: str, now: Instant, out: Outbox) -> None:
        seat = self._seats[name]
        seat.router.stop(ReconfiguredCause(why), now, out)
        self._timers.forget(seat.router)
        del self._seats[name]
        config = seat.router.config
        del self._by_vrid[config.interface, config.virtual_router_id]

    def _reconfigure(self, instances: tuple[VrrpInstance, ...], now: Instant, out: Outbox) -> None:
        """Deltas: what did not change is not touched, and loses no advert."""
        plan = plan_reload({n: s.router.config for n, s in self._seats.items()}, instances)
        for name, why in plan.removed:
            self._remove(name, why, now, out)
            out.facts.append(InstanceChanged(name, why))
        for instance, what in plan.changed:
            out.facts.append(InstanceChanged(instance.name, what))
            for seat in self._touch([instance.name]):
                seat.router.reconfigure(instance, now, out)
        for instance in plan.added:
            self._add(instance)
            out.facts.append(InstanceChanged(instance.name, "added by the reload"))
            if self._running:
                for seat in self._touch([instance.name]):
                    seat.router.start(now, out)
        # The order of the file, for status.
        self._seats = {instance.name: self._seats[instance.name] for instance in instances}

"""The deadlines of many routers, and which comes first.

Knows a heap. Lazy: a deadline that moved away is found out when its old entry comes up, so that
an advert which only pushes a timer back costs nothing here. Adver_Timers of masters that go on are
kept in rounds (`routines`), not in the heap.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from halod.engine.routines import Routines
from halod.model.units import Instant
from halod.vrrp.machine import VirtualRouter
from halod.vrrp.routine import Round
from halod.vrrp.timer_kind import TimerKind

__all__ = ["TimerHeap"]


class TimerHeap:
    """Entries (instant, router, timer); each router's `timers` holds the truth."""

    def __init__(self, routines: Routines | None = None) -> None:
        self._routines = Routines() if routines is None else routines
        self._heap: list[tuple[int, int, VirtualRouter, TimerKind]] = []
        self._queued: dict[tuple[str, TimerKind], int] = {}
        self._serial = 0

    def __len__(self) -> int:
        """Entries, stale ones among them."""
        return len(self._heap)

    def sync(self, router: VirtualRouter) -> None:
        """Takes up the timers of a router, after anything that happened to it."""
        self._routines.take(router)
        self._queue(router)

    def _queue(self, router: VirtualRouter) -> None:
        """Those that come before what is queued for them."""
        for kind, due in router.timers.items():
            if kind is TimerKind.ADVERT and router.name in self._routines:
                continue
            key = (router.name, kind)
            queued = self._queued.get(key)
            if queued is None or due.ns < queued:
                self._queued[key] = due.ns
                self._serial += 1
                heapq.heappush(self._heap, (due.ns, self._serial, router, kind))

    def forget(self, router: VirtualRouter) -> None:
        """Drops all entries of a router that is removed."""
        self._routines.forget(router.name)
        self._heap = [entry for entry in self._heap if entry[2] is not router]
        heapq.heapify(self._heap)
        self._queued = {key: at for key, at in self._queued.items() if key[0] != router.name}

    def first(self) -> Instant | None:
        """The earliest deadline; None: nothing is armed."""
        queued, round_ = self._first_queued(), self._routines.first()
        if queued is None or round_ is None:
            return queued or round_
        return min(queued, round_)

    def _first_queued(self) -> Instant | None:
        """Stale entries are mended on the way."""
        while self._heap:
            at, _, router, kind = self._heap[0]
            due = router.timers.get(kind)
            is_elsewhere = kind is TimerKind.ADVERT and router.name in self._routines
            if due is not None and due.ns == at and not is_elsewhere:
                return due
            self._drop_first(router)
        return None

    def go_on(self, now: Instant) -> list[Round]:
        """Rounds that are due, and dealt with. Adverts that turn out to be none of a round are left
        to `due`."""
        rounds, others = self._routines.due(now)
        for router in others:
            self._queue(router)
        return rounds

    def due(self, now: Instant) -> Iterator[tuple[VirtualRouter, TimerKind]]:
        """Timers that are due beside the rounds, the earliest first. Call `sync` for a router after
        each, which may put an advert that is due into a round."""
        while (first := self._first_queued()) is not None and first <= now:
            _, _, router, kind = heapq.heappop(self._heap)
            self._queued.pop((router.name, kind), None)
            yield router, kind

    def _drop_first(self, router: VirtualRouter) -> None:
        at, _, _, kind = heapq.heappop(self._heap)
        key = (router.name, kind)
        if self._queued.get(key) == at:
            del self._queued[key]
        self._queue(router)

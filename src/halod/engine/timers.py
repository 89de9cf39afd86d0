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


_Key = tuple[str, TimerKind]
"""Instance and timer."""


class TimerHeap:
    """Entries (instant, router, timer); each router's `timers` holds the truth."""

    def __init__(self, routines: Routines | None = None) -> None:
        self._routines = Routines() if routines is None else routines
        self._heap: list[tuple[int, int, VirtualRouter, _Key]] = []
        self._queued: dict[_Key, int] = {}
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
                heapq.heappush(self._heap, (due.ns, self._serial, router, key))

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
            at, serial, router, key = self._heap[0]
            name, kind = key
            due = router.timers.get(kind)
            if due is None or (kind is TimerKind.ADVERT and name in self._routines):
                self._drop_first()
            elif due.ns == at:
                return due
            elif self._queued.get(key) == at:
                # Moved on: what a backup's timer does with each advert, so this is done often.
                heapq.heapreplace(self._heap, (due.ns, serial, router, key))
                self._queued[key] = due.ns
            else:
                self._drop_first()
        return None

    def go_on(self, now: Instant) -> list[Round]:
        """Rounds that are due before any other timer, and dealt with. Adverts that turn out to be
        none of a round are left to `due`."""
        queued = self._first_queued()
        rounds, others = self._routines.due(now, now if queued is None else min(now, queued))
        for router in others:
            self._queue(router)
        return rounds

    def due(self, now: Instant) -> Iterator[tuple[VirtualRouter, TimerKind]]:
        """Timers that are due before any round, the earliest first. Call `sync` for a router after
        each, which may put an advert that is due into a round."""
        while (first := self._first_queued()) is not None and first <= now:
            round_ = self._routines.first()
            if round_ is not None and round_ <= first:
                return
            router = self._heap[0][2]
            _, kind = self._drop_first()
            yield router, kind

    def _drop_first(self) -> _Key:
        at, _, _, key = heapq.heappop(self._heap)
        if self._queued.get(key) == at:
            del self._queued[key]
        return key

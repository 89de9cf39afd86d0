"""The deadlines of many routers, and which comes first.

Knows a heap. Lazy: a deadline that moved away is found out when its old entry comes up, so that
an advert which only pushes a timer back costs nothing here. Adver_Timers of masters that go on are
kept elsewhere (`routines`).
"""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterator

from halod.model.units import Instant
from halod.vrrp.machine import VirtualRouter
from halod.vrrp.timer_kind import TimerKind

__all__ = ["TimerHeap"]


class TimerHeap:
    """Entries (instant, router, timer); each router's `timers` holds the truth."""

    def __init__(self, routines: Container[str] = ()) -> None:
        """`routines`: instances whose Adver_Timer is none of this heap's business."""
        self._routines = routines
        self._heap: list[tuple[int, int, VirtualRouter, TimerKind]] = []
        self._queued: dict[tuple[str, TimerKind], int] = {}
        self._serial = 0

    def __len__(self) -> int:
        """Entries, stale ones among them."""
        return len(self._heap)

    def sync(self, router: VirtualRouter) -> None:
        """Takes up the timers of a router that come before what is queued for them."""
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
        self._heap = [entry for entry in self._heap if entry[2] is not router]
        heapq.heapify(self._heap)
        self._queued = {key: at for key, at in self._queued.items() if key[0] != router.name}

    def first(self) -> Instant | None:
        """The earliest deadline, stale entries mended on the way; None: nothing is armed."""
        while self._heap:
            at, _, router, kind = self._heap[0]
            due = router.timers.get(kind)
            is_elsewhere = kind is TimerKind.ADVERT and router.name in self._routines
            if due is not None and due.ns == at and not is_elsewhere:
                return due
            self._drop_first(router)
        return None

    def due(self, now: Instant) -> Iterator[tuple[VirtualRouter, TimerKind]]:
        """Timers that are due, the earliest first. Call `sync` for a router after each."""
        while (first := self.first()) is not None and first <= now:
            _, _, router, kind = heapq.heappop(self._heap)
            self._queued.pop((router.name, kind), None)
            yield router, kind

    def _drop_first(self, router: VirtualRouter) -> None:
        at, _, _, kind = heapq.heappop(self._heap)
        key = (router.name, kind)
        if self._queued.get(key) == at:
            del self._queued[key]
        self.sync(router)

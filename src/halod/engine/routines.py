"""The masters that go on, in rounds: those whose next adverts are due together and earn the same.

Most of what a daemon with many instances does is this, so it costs next to nothing a router. Knows
when a round is due. Must not know why a router is in none: whoever touches one takes it out, and
the long way (`TimerHeap`, the table) does the rest.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from halod.model.units import Duration, Instant
from halod.vrrp.machine import VirtualRouter
from halod.vrrp.routine import Round, Routine
from halod.vrrp.timer_kind import TimerKind

__all__ = ["Routines"]


@dataclass(slots=True)
class _Circle:
    """Routers whose next adverts are due at one moment."""

    due: Instant
    interval: Duration
    span: Duration | None
    members: dict[str, tuple[VirtualRouter, Routine]]
    """By instance."""

    @property
    def key(self) -> tuple[int, int, int]:
        """Circles with the same go on as one; a lease that has no end stands for -1."""
        return self.due.ns, self.interval.ns, -1 if self.span is None else self.span.ns


class Routines:
    """At most one a router."""

    def __init__(self) -> None:
        self._circles: dict[tuple[int, int, int], _Circle] = {}
        self._order: list[tuple[int, int, int]] = []
        """A heap of their keys, with keys of circles that were left by all."""
        self._places: dict[str, _Circle] = {}
        """Instance to where it is."""

    def __contains__(self, instance: object) -> bool:
        return instance in self._places

    def take(self, router: VirtualRouter) -> None:
        """Anew, after something happened to this one: its next advert is a routine one, if it has
        a routine."""
        self.forget(router.name)
        routine = router.routine()
        if routine is None:
            return
        circle = _Circle(
            router.timers[TimerKind.ADVERT],
            routine.interval,
            routine.span,
            {router.name: (router, routine)},
        )
        self._put(circle)

    def forget(self, instance: str) -> None:
        """Its next advert goes the long way."""
        circle = self._places.pop(instance, None)
        if circle is not None:
            del circle.members[instance]

    def first(self) -> Instant | None:
        """When the next round is due; None: nobody is in one."""
        while self._order:
            circle = self._circles[self._order[0]]
            if circle.members:
                return circle.due
            del self._circles[heapq.heappop(self._order)]
        return None

    def due(self, now: Instant, due_by: Instant) -> tuple[list[Round], list[VirtualRouter]]:
        """The rounds of `now` that were due by `due_by`, all they change is done; and those whose
        advert was due, but for whom this one is no routine: they are in no circle any more."""
        rounds: list[Round] = []
        others: list[VirtualRouter] = []
        while (first := self.first()) is not None and first <= due_by:
            circle = self._circles.pop(heapq.heappop(self._order))
            following = now + circle.interval
            until = None if circle.span is None else now + circle.span
            routines: list[Routine] = []
            long_way: list[VirtualRouter] = []
            for router, routine in circle.members.values():
                if router.goes_on(routine, now, following, until):
                    routines.append(routine)
                else:
                    long_way.append(router)
            if routines:
                rounds.append(Round(tuple(routines), until))
            for router in long_way:
                self.forget(router.name)
            others += long_way
            circle.due = following
            self._put(circle)
        return rounds, others

    def _put(self, circle: _Circle) -> None:
        key = circle.key
        known = self._circles.get(key)
        if known is None:
            self._circles[key] = known = circle
            heapq.heappush(self._order, key)
        else:
            known.members |= circle.members
        for instance in circle.members:
            self._places[instance] = known

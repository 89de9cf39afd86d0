"""The lazy heap against a list that is searched each time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from halod.engine.timers import TimerHeap
from halod.model.units import Duration, Instant
from halod.vrrp.machine import VirtualRouter
from halod.vrrp.timer_kind import TimerKind
from tests.kit.build import instance

kinds = st.sampled_from(TimerKind)
spans = st.integers(0, 50).map(Duration)
places = st.integers(0, 3)


class HeapAndList(RuleBasedStateMachine):
    """Four routers whose timers are armed, moved, disarmed and fired at will."""

    def __init__(self) -> None:
        super().__init__()
        self.heap = TimerHeap()
        self.now = Instant(0)
        self.routers = [self._router(number) for number in range(4)]

    def _router(self, number: int) -> VirtualRouter:
        return VirtualRouter(instance(name=f"VI_{number}"))

    def _due(self) -> list[tuple[Instant, str, TimerKind]]:
        """The dumb list."""
        return sorted(
            ((due, r.name, kind) for r in self.routers for kind, due in r.timers.items()),
            key=lambda entry: entry[0],
        )

    @rule(place=places, kind=kinds, span=spans)
    def arm_or_move(self, place: int, kind: TimerKind, span: Duration) -> None:
        router = self.routers[place]
        router.timers[kind] = self.now + span
        self.heap.sync(router)

    @rule(place=places, kind=kinds, span=spans)
    def push_back_without_a_word(self, place: int, kind: TimerKind, span: Duration) -> None:
        """What a repeated advert does: the heap is not even told."""
        router = self.routers[place]
        if kind in router.timers:
            router.timers[kind] += span

    @rule(place=places, kind=kinds)
    def disarm(self, place: int, kind: TimerKind) -> None:
        router = self.routers[place]
        router.timers.pop(kind, None)
        self.heap.sync(router)

    @rule(place=places)
    def replace_router(self, place: int) -> None:
        """A reload takes a router away and puts another of the same name there."""
        self.heap.forget(self.routers[place])
        self.routers[place] = self._router(place)

    @rule(span=spans)
    def let_time_pass(self, span: Duration) -> None:
        self.now = self.now + span
        expected = [entry for entry in self._due() if entry[0] <= self.now]
        fired = []
        for router, kind in self.heap.due(self.now):
            fired.append((router.timers.pop(kind), router.name, kind))
            self.heap.sync(router)
        assert [at for at, *_ in fired] == [at for at, *_ in expected]
        assert set(fired) == set(expected)

    @rule(span=spans, kind=kinds, place=places, again=spans)
    def let_time_pass_and_arm_again(
        self, span: Duration, kind: TimerKind, place: int, again: Duration
    ) -> None:
        """A timer that fires may arm another, of another router, that is due as well."""
        self.now = self.now + span
        armed = False
        for router, fired in self.heap.due(self.now):
            router.timers.pop(fired)
            self.heap.sync(router)
            if not armed:
                armed = True
                self.routers[place].timers[kind] = self.now + again
                self.heap.sync(self.routers[place])
        assert not [entry for entry in self._due() if entry[0] <= self.now]

    @precondition(lambda self: self._due())
    @rule()
    def jump_to_the_deadline(self) -> None:
        first = self.heap.first()
        assert first is not None
        self.now = max(first, self.now)
        fired = False
        for router, kind in self.heap.due(self.now):
            router.timers.pop(kind)
            self.heap.sync(router)
            fired = True
        assert fired

    @invariant()
    def the_first_is_the_first_of_the_list(self) -> None:
        due = self._due()
        assert self.heap.first() == (due[0][0] if due else None)


TestHeapAndList = HeapAndList.TestCase


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=300))
def test_a_timer_that_is_pushed_back_often_takes_no_room(pushes: list[int]) -> None:
    """Each advert pushes Master_Down_Timer back: that must not grow the heap."""
    heap, router = TimerHeap(), VirtualRouter(instance())
    now = Instant(0)
    for push in pushes:
        now = now + Duration(push)
        router.timers[TimerKind.MASTER_DOWN] = now + Duration(3_609_375_000)
        heap.sync(router)
    assert len(heap) == 1

"""Engines that are wrong on purpose: an oracle that nothing can displease proves nothing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from halod.engine.ready import Ready
from halod.engine.vrrp_engine import VrrpEngine
from halod.model.effect import Effect
from halod.model.event import Event, TrackerReported
from halod.model.state import State
from halod.model.sync_group import VrrpSyncGroup
from halod.model.units import Instant
from halod.model.vrrp import VrrpInstance
from halod.sim.node import EngineMaker
from halod.sim.process import Engine

Effects = tuple[Effect, ...]


class Bent:
    """The real engine; what it wants done is bent on the way out."""

    def __init__(
        self,
        instances: Iterable[VrrpInstance],
        groups: Iterable[VrrpSyncGroup],
        bend: Callable[[Effects], Effects],
    ) -> None:
        self._engine = VrrpEngine(instances, groups)
        self._bend = bend

    def handle(self, event: Event, now: Instant) -> Ready:
        ready = self._engine.handle(event, now)
        return Ready(self._bend(ready.effects), ready.facts)

    def repeat(self, interface: str, packet: bytes, now: Instant) -> bool:
        return self._engine.repeat(interface, packet, now)

    def deadline(self) -> Instant | None:
        return self._engine.deadline()

    def states(self) -> Iterator[tuple[str, State]]:
        return self._engine.states()


class Deaf(Bent):
    """Does not hear what checks find wrong."""

    def handle(self, event: Event, now: Instant) -> Ready:
        if isinstance(event, TrackerReported):
            event = replace(event, up=True)
        return super().handle(event, now)


class Asleep(Bent):
    """Never says when it wants to be called."""

    def deadline(self) -> Instant | None:
        return None


class Impatient(Bent):
    """Wants to be called at once, always."""

    def deadline(self) -> Instant | None:
        return Instant(0)


def bent(bend: Callable[[Effects], Effects]) -> EngineMaker:
    """Makes engines that are bent this way."""

    def make(instances: tuple[VrrpInstance, ...], groups: tuple[VrrpSyncGroup, ...]) -> Engine:
        return Bent(instances, groups, bend)

    return make


def without(kind: type[Effect]) -> EngineMaker:
    """Makes engines whose effects of one kind are lost."""
    return bent(lambda effects: tuple(e for e in effects if not isinstance(e, kind)))


def each(bend: Callable[[Effect], Effect]) -> EngineMaker:
    """Makes engines each of whose effects is bent for itself."""
    return bent(lambda effects: tuple(map(bend, effects)))

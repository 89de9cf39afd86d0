"""What a check finds shows in the next advert, and a failed one without a weight ends a mastership.

Knows which checks each instance tracks and what the engine of each node was told of them. Reckons
the priority from the words of keepalived.conf(5), and does not ask the code that is judged.
"""

from __future__ import annotations

from halod.model.effect import SendAdvert
from halod.model.event import TrackerReported
from halod.model.state import State
from halod.model.tracking import TrackerId
from halod.model.vrrp import PRIORITY_OWNER, VrrpInstance
from halod.sim.observation import Configured, Handled, Life, LifeChanged, Observation
from halod.sim.oracles.verdict import Oracle

__all__ = ["TrackersOracle"]


class TrackersOracle(Oracle):
    name = "trackers"
    promise = "an advert carries what the checks leave of the priority, and a fault ends mastership"

    def __init__(self) -> None:
        super().__init__()
        self._instances: dict[str, tuple[VrrpInstance, ...]] = {}
        self._up: dict[str, dict[TrackerId, bool]] = {}

    def see(self, observation: Observation) -> None:
        match observation:
            case LifeChanged(_, node, Life.DEAD):
                # Another process may start: it has been told nothing.
                self._up.pop(node, None)
            case Configured(_, node, instances):
                self._instances[node] = instances
            case Handled():
                self._judge(observation)
            case _:
                pass

    def finish(self, at_ns: int) -> None:
        """Nothing is left open."""

    def _judge(self, handled: Handled) -> None:
        node, event = handled.node, handled.event
        up = self._up.setdefault(node, {})
        if isinstance(event, TrackerReported):
            up[event.tracker] = event.up
        sent = {
            effect.instance: effect.priority
            for effect in handled.ready.effects
            if isinstance(effect, SendAdvert) and effect.priority
        }
        for instance in self._instances[node]:
            priority = sent.get(instance.name)
            wanted = _priority(instance, up)
            if priority is not None and priority != wanted:
                self.accuse(
                    handled.at_ns,
                    f"{node}: {instance.name} advertises priority {priority}, and its checks leave "
                    f"it {wanted}",
                )
            if handled.states[instance.name] is State.MASTER and _fails(instance, up):
                self.accuse(handled.at_ns, f"{node}: {instance.name} is MASTER, and a check failed")


def _priority(instance: VrrpInstance, up: dict[TrackerId, bool]) -> int:
    if instance.priority == PRIORITY_OWNER:
        return instance.priority
    total = instance.priority
    for tracked in instance.trackers:
        is_up = up.get(tracked.tracker)
        if is_up is None:
            continue
        sign = -1 if tracked.reverse else 1
        if tracked.weight > 0 and is_up:
            total += sign * tracked.weight
        if tracked.weight < 0 and not is_up:
            total += sign * tracked.weight
    return max(1, min(254, total))


def _fails(instance: VrrpInstance, up: dict[TrackerId, bool]) -> bool:
    return any(t.weight == 0 and up.get(t.tracker) is False for t in instance.trackers)

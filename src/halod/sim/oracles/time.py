"""The engine's time goes forward, and what it waits for comes.

Knows deadlines and what each state must wait for (RFC 9568, 6.4).
"""

from __future__ import annotations

from dataclasses import replace

from halod.model.event import TimerFired
from halod.model.state import State
from halod.model.units import Duration, Instant
from halod.model.vrrp import VrrpInstance
from halod.sim.allowance import master_down, priorities
from halod.sim.observation import Configured, Handled, Life, LifeChanged, Observation
from halod.sim.oracles.verdict import Oracle
from halod.sim.scenario import Scenario

__all__ = ["TimeOracle"]


class TimeOracle(Oracle):
    name = "time"
    promise = "time never goes back, and every live router waits for a deadline of its state"

    def __init__(self, scenario: Scenario) -> None:
        super().__init__()
        # In VRRPv3 a backup waits by its master's interval (RFC 9568, 6.4.2).
        self._interval_max = max(i.advert_interval for n in scenario.nodes for i in n.instances)
        self._waits: dict[tuple[str, str, State], Duration] = {}
        """The longest wait of a router in a state; none where it may wait for ever."""
        self._told: dict[str, Instant] = {}

    def see(self, observation: Observation) -> None:
        match observation:
            case LifeChanged(_, node, Life.DEAD):
                # Another process may start at another reading: it has an engine of its own.
                self._told.pop(node, None)
            case Configured(_, node, instances):
                for each in instances:
                    self._waits |= self._longest_waits(node, each)
            case Handled():
                self._judge(observation)
            case _:
                pass

    def finish(self, at_ns: int) -> None:
        """Nothing is left open."""

    def _judge(self, handled: Handled) -> None:
        node, now, deadline = handled.node, handled.now, handled.deadline
        told = self._told.get(node)
        if told is not None and now < told:
            self.accuse(handled.at_ns, f"{node} was told {told}, then {now}")
        self._told[node] = now
        if isinstance(handled.event, TimerFired) and deadline is not None and deadline <= now:
            self.accuse(handled.at_ns, f"{node}: the timer fired and is due again at once")
        for name, state in handled.states.items():
            wait = self._waits.get((node, name, state))
            if wait is not None and (deadline is None or deadline > now + wait):
                until = "for nothing" if deadline is None else f"for {deadline - now}"
                self.accuse(handled.at_ns, f"{node}: {name} is {state.value} and waits {until}")

    def _longest_waits(
        self, node: str, instance: VrrpInstance
    ) -> dict[tuple[str, str, State], Duration]:
        slowest = max(self._interval_max, instance.advert_interval)
        return {
            (node, instance.name, State.MASTER): instance.advert_interval,
            (node, instance.name, State.BACKUP): master_down(
                replace(instance, priority=priorities(instance)[0], advert_interval=slowest)
            ),
        }

"""After the faults stop, the cluster settles: one owner, and the right one.

Knows who lives at the end and what the configuration wants. From the end of `settle_span` on
nothing may change any more.
"""

from __future__ import annotations

from halod.model.address import IpAddress
from halod.model.state import State
from halod.model.tracking import Report, effective_priority
from halod.model.vrrp import VrrpInstance
from halod.sim.allowance import settle_span
from halod.sim.observation import (
    AddressCame,
    AddressWent,
    Configured,
    Handled,
    Life,
    LifeChanged,
    Observation,
)
from halod.sim.oracles.leases import Bond, Leases
from halod.sim.oracles.verdict import Oracle
from halod.sim.scenario import Scenario

__all__ = ["SettlingOracle"]


class SettlingOracle(Oracle):
    name = "settling"
    promise = "after the faults one owner, the strongest that may be, and it stays so"

    def __init__(self, scenario: Scenario) -> None:
        super().__init__()
        self._scenario = scenario
        self._settled_ns = (scenario.calm_at + settle_span(scenario)).ns
        self._leases = Leases(scenario)
        self._owners: dict[IpAddress, list[str]] = {}
        self._states: dict[str, dict[str, State]] = {}
        self._alive: dict[str, bool] = {}
        self._instances = {node.name: node.instances for node in scenario.nodes}

    def see(self, observation: Observation) -> None:
        self._leases.see(observation)
        match observation:
            case Handled(at_ns, node):
                if observation.states != self._states.get(node):
                    self._must_be_unsettled(at_ns, f"{node} changes its state")
                self._states[node] = observation.states
            case Configured(_, node, instances):
                self._instances[node] = instances
            case AddressCame(at_ns, node, address):
                self._must_be_unsettled(at_ns, f"{address} comes to {node}")
                self._owners.setdefault(address, []).append(node)
            case AddressWent(at_ns, node, address):
                self._must_be_unsettled(at_ns, f"{address} goes from {node}")
                self._owners[address].remove(node)
            case LifeChanged(at_ns, node, life):
                self._must_be_unsettled(at_ns, f"{node} is {life.value}")
                self._alive[node] = life is Life.RUNNING
            case _:
                pass

    def finish(self, at_ns: int) -> None:
        if at_ns < self._settled_ns:
            return
        routers: dict[tuple[str, int], list[tuple[str, VrrpInstance]]] = {}
        for node in self._scenario.nodes:
            segments = {link.interface: link.segment for link in node.links}
            for instance in self._instances[node.name]:
                key = (segments[instance.interface], instance.virtual_router_id)
                routers.setdefault(key, []).append((node.name, instance))
        for router in routers.values():
            self._judge(router, at_ns)

    def _must_be_unsettled(self, at_ns: int, what: str) -> None:
        if at_ns > self._settled_ns:
            self.accuse(at_ns, f"{what}, though all is calm since {self._calm_s():g} s")

    def _calm_s(self) -> float:
        return self._scenario.calm_at.as_seconds()

    def _judge(self, router: list[tuple[str, VrrpInstance]], at_ns: int) -> None:
        live = {node: instance for node, instance in router if self._alive.get(node)}
        masters = [n for n, i in live.items() if self._states[n].get(i.name) is State.MASTER]
        name = router[0][1].name
        if len(masters) != bool(live):
            told = ", ".join(masters) or "nobody"
            self.accuse(at_ns, f"{name}: {told} is MASTER, and {', '.join(live)} live")
            return
        for address in dict.fromkeys(a.address for _, i in router for a in i.held):
            owners = [node for node in self._owners.get(address, []) if self._binds(node, router)]
            wanted = [m for m in masters if not self._scenario.is_foreign(m, address)]
            if owners != wanted:
                self.accuse(
                    at_ns,
                    f"{', '.join(owners) or 'nobody'} owns {address}, and "
                    f"{', '.join(masters) or 'nobody'} is MASTER",
                )
        for master in masters:
            for node, instance in live.items():
                own, others = _priority(instance), _priority(live[master])
                if own > others and (instance.preempt or instance.is_owner):
                    self.accuse(
                        at_ns,
                        f"{name}: {master} is MASTER with priority {others}, and {node} lives with "
                        f"{own}",
                    )

    def _binds(self, node: str, router: list[tuple[str, VrrpInstance]]) -> bool:
        """Whether a lease takes the address from a dead node; without one it keeps it for ever."""
        name = dict(router)[node].name
        return self._alive.get(node, False) or Bond.NOTHING not in self._leases.bonds(node, name)


def _priority(instance: VrrpInstance) -> int:
    """When the faults are over: every check is well."""
    well = {tracked.tracker: Report(up=True) for tracked in instance.trackers}
    return effective_priority(instance.priority, instance.trackers, well)

"""The instances of a sync group are MASTER together or not at all, and so are their addresses.

Knows which instances stand together, their states after each event, and what their adverts have
earned. Two promises: after whatever happened no member is MASTER or in FAULT alone; and no address
behind a gate outlives the lease of the member that has the shortest, whoever is dead, by more than
an interval.
"""

from __future__ import annotations

from halod.model.address import IpAddress
from halod.model.state import State
from halod.model.sync_group import VrrpSyncGroup
from halod.model.vrrp import VrrpInstance
from halod.sim.observation import (
    AddressWent,
    Configured,
    FaultBegan,
    FaultEnded,
    Handled,
    Observation,
)
from halod.sim.oracles.leases import Bond, Leases
from halod.sim.oracles.trouble import Trouble
from halod.sim.oracles.verdict import Oracle
from halod.sim.scenario import Scenario

__all__ = ["GroupsOracle"]


class GroupsOracle(Oracle):
    name = "sync groups"
    promise = "all instances of a group are MASTER or none is, and their leases end together"

    def __init__(self, scenario: Scenario) -> None:
        super().__init__()
        self._leases = Leases(scenario)
        self._trouble = Trouble(node.name for node in scenario.nodes)
        self._groups: dict[str, tuple[VrrpSyncGroup, ...]] = {}
        self._grouped_ns: dict[str, int] = {}
        """Since when: before it each went by its own lease."""
        self._instances: dict[str, dict[str, VrrpInstance]] = {}

    def see(self, observation: Observation) -> None:
        self._leases.see(observation)
        match observation:
            case Configured(_, node, instances, groups):
                if groups != self._groups.get(node):
                    self._grouped_ns[node] = observation.at_ns
                self._groups[node] = groups
                self._instances[node] = {each.name: each for each in instances}
            case Handled():
                self._judge_states(observation)
            case AddressWent(at_ns, node, address):
                self._judge_lease(node, address, at_ns)
            case FaultBegan() | FaultEnded():
                self._trouble.see(observation)
            case _:
                pass

    def finish(self, at_ns: int) -> None:
        """Nothing is left open."""

    def _judge_states(self, handled: Handled) -> None:
        for group in self._groups.get(handled.node, ()):
            states = {member: handled.states[member] for member in group.members}
            for alone in (State.MASTER, State.FAULT):
                if alone in states.values() and len(set(states.values())) > 1:
                    told = ", ".join(f"{name} is {state.value}" for name, state in states.items())
                    self.accuse(handled.at_ns, f"{handled.node}, {group.name}: {told}")
                    break

    def _judge_lease(self, node: str, address: IpAddress, at_ns: int) -> None:
        if self._trouble.lasts(node):
            return
        group, holder = self._around(node, address)
        if group is None or self._leases.bonds(node, holder) - {Bond.BPF, Bond.NFT}:
            return
        after_ns = max(self._trouble.ended_ns(node) or 0, self._grouped_ns[node])
        ends_ns = []
        for member in group.members:
            span = self._leases.span(node, member)
            decided_ns = self._leases.decided_ns.get((node, member))
            if span is not None and decided_ns is not None:
                ends_ns.append(max(decided_ns, after_ns) + span.ns)
        if not ends_ns:
            return
        intervals = [self._instances[node][m].advert_interval for m in group.members]
        allowed_ns = min(ends_ns) + max(intervals).ns
        if at_ns > allowed_ns:
            self.accuse(
                at_ns,
                f"{address} is heard on {node} until now, and what all of {group.name} have "
                f"earned ended by {allowed_ns / 1e9:.4f} s",
            )

    def _around(self, node: str, address: IpAddress) -> tuple[VrrpSyncGroup | None, str]:
        """The group of the instance that has the address, and its name."""
        for group in self._groups.get(node, ()):
            for member in group.members:
                if any(a.address == address for a in self._instances[node][member].held):
                    return group, member
        return None, ""

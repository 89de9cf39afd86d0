"""A virtual address is heard if and only if its node is MASTER with a live lease.

Knows states, addresses and adverts of each node. Three promises: a node that runs and is not MASTER
lets go; one that is MASTER holds; and no address outlives the lease that the last advert earned,
whoever is dead.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from halod.model.address import IpAddress
from halod.model.state import State
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.sim.allowance import change_span, opening_span
from halod.sim.fault import AdvertsRefused
from halod.sim.observation import (
    AddressCame,
    AddressWent,
    FaultBegan,
    FaultEnded,
    Handled,
    Life,
    LifeChanged,
    Observation,
)
from halod.sim.oracles.leases import Bond, Leases
from halod.sim.oracles.trouble import Trouble
from halod.sim.oracles.verdict import Oracle
from halod.sim.scenario import Scenario
from halod.vrrp.lease import BACKSTOP_EVERY

__all__ = ["HoldingOracle"]


@dataclass(slots=True)
class _Wrong:
    """An address that stands where it must not, or does not where it must."""

    since_ns: int
    stands: bool

    @property
    def how(self) -> str:
        return "is not MASTER and holds" if self.stands else "is MASTER and does not hold"


class HoldingOracle(Oracle):
    name = "address and state"
    promise = "an address is heard if and only if its node is MASTER with a live lease"

    def __init__(self, scenario: Scenario) -> None:
        super().__init__()
        self._scenario = scenario
        self._span_ns = (scenario.wake_max + change_span(scenario)).ns
        self._leases = Leases(scenario)
        self._opening_ns = opening_span(scenario).ns
        self._trouble = Trouble(node.name for node in scenario.nodes)
        self._addresses: dict[str, list[tuple[IpAddress, VrrpInstance]]] = {
            node.name: [
                (a.address, i) for i in node.instances for a in i.held if a not in node.foreign
            ]
            for node in scenario.nodes
        }
        self._standing: set[tuple[str, IpAddress]] = set()
        self._states: dict[str, dict[str, State]] = {node.name: {} for node in scenario.nodes}
        self._mute: Counter[str] = Counter()
        """Nodes whose adverts a firewall drops."""
        self._mute_ended_ns: dict[str, int] = {}
        self._running: set[str] = set()
        self._began_ns: dict[str, int] = {}
        """When the process of a node began or went on."""
        self._wrong: dict[tuple[str, IpAddress], _Wrong] = {}

    def see(self, observation: Observation) -> None:
        self._leases.see(observation)
        match observation:
            case Handled(at_ns, node):
                if observation.states != self._states[node]:
                    self._states[node] = observation.states
                    self._compare(node, at_ns)
            case AddressCame(at_ns, node, address):
                self._check_lease(node, address, at_ns)
                self._standing.add((node, address))
                self._compare(node, at_ns)
            case AddressWent(at_ns, node, address):
                self._check_lease(node, address, at_ns)
                self._standing.discard((node, address))
                self._compare(node, at_ns)
            case LifeChanged(at_ns, node, life):
                self._compare(node, at_ns)
                if life is Life.RUNNING:
                    self._running.add(node)
                    self._began_ns[node] = at_ns
                else:
                    self._running.discard(node)
                self._compare(node, at_ns)
            case FaultBegan(at_ns) | FaultEnded(at_ns):
                for node in self._addresses:
                    self._compare(node, at_ns)
                self._trouble.see(observation)
                self._heed_firewall(observation)
            case _:
                pass

    def finish(self, at_ns: int) -> None:
        for node in self._addresses:
            self._compare(node, at_ns)
        for node, address in sorted(self._standing, key=str):
            self._check_lease(node, address, at_ns)

    def _heed_firewall(self, observation: FaultBegan | FaultEnded) -> None:
        if isinstance(observation.fault, AdvertsRefused):
            node = observation.fault.node
            self._mute[node] += 1 if isinstance(observation, FaultBegan) else -1
            self._mute_ended_ns[node] = observation.at_ns

    def _compare(self, node: str, at_ns: int) -> None:
        """Judges what has been wrong up to now, and notes what is wrong from now on."""
        for address, instance in self._addresses[node]:
            key = (node, address)
            stands = key in self._standing
            master = self._states[node].get(instance.name) is State.MASTER
            wrong = self._wrong.get(key)
            if wrong is not None and at_ns > self._allowed_until_ns(node, instance, wrong):
                self.accuse(
                    at_ns, f"{node} {wrong.how} {address} since {wrong.since_ns / 1e9:.4f} s"
                )
                wrong.since_ns = at_ns
            if stands is master or node not in self._running:
                self._wrong.pop(key, None)
            elif wrong is None or wrong.stands is not stands:
                self._wrong[key] = _Wrong(at_ns, stands)

    def _allowed_until_ns(self, node: str, instance: VrrpInstance, wrong: _Wrong) -> float:
        if self._trouble.lasts(node) or (self._mute[node] and not wrong.stands):
            return float("inf")
        since_ns = max(wrong.since_ns, self._trouble.ended_ns(node) or 0)
        if not wrong.stands and node in self._mute_ended_ns:
            # What was to be put back earned nothing then: the next renewal brings it.
            renewed_ns = (instance.advert_interval + BACKSTOP_EVERY + instance.advert_interval).ns
            since_ns = max(since_ns, self._mute_ended_ns[node] + renewed_ns)
        if not wrong.stands and LeaseMode.NFT in self._scenario.node(node).gates:
            # A token that waited while the process was stopped is void: the next advert opens.
            opened_ns = self._began_ns.get(node, 0) + instance.advert_interval.ns
            since_ns = max(since_ns, opened_ns)
        return since_ns + self._span_ns + (0 if wrong.stands else self._opening_ns)

    def _check_lease(self, node: str, address: IpAddress, at_ns: int) -> None:
        instance = next(i for a, i in self._addresses[node] if a == address)
        span = self._leases.span(node, instance.name)
        if span is None or self._trouble.lasts(node):
            return
        earned_ns = self._leases.earned_ns.get((node, instance.name))
        if earned_ns is None:
            self.accuse(at_ns, f"{address} is heard on {node}, which never sent an advert for it")
            return
        trouble_ns = self._trouble.ended_ns(node) or 0
        allowed_ns = max(earned_ns, trouble_ns) + span.ns
        if Bond.ADDRESS in self._leases.bonds(node, instance.name):
            # Stopped between asking the clock and asking for a lifetime, it puts up once more what
            # had lapsed, sees that, and takes it down again. Behind a gate nobody would hear it.
            allowed_ns = max(allowed_ns, self._began_ns.get(node, 0) + self._span_ns)
        if at_ns > allowed_ns:
            self.accuse(
                at_ns,
                f"{address} is heard on {node}, whose last advert was at {earned_ns / 1e9:.4f} s: "
                f"its lease was to end by {allowed_ns / 1e9:.4f} s",
            )

"""Small clusters for tests: what is not said is usual."""

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

from halod.model.address import VirtualAddress
from halod.model.fact import StateChanged
from halod.model.units import ZERO, Duration
from halod.model.vrrp import VrrpInstance
from halod.sim.allowance import settle_span
from halod.sim.fault import Fault, end_of
from halod.sim.observation import AddressCame, AddressWent, Handled, Observation
from halod.sim.scenario import LinkOptions, NodeOptions, Scenario

CALM_BEFORE = Duration.seconds(10)
"""When faults begin in tests: an ordinary pair has a master by then."""


def seconds(value: float) -> Duration:
    """From seconds as people write them."""
    return Duration(round(value * 1e9))


def vip(number: int = 0) -> VirtualAddress:
    return VirtualAddress(IPv4Address(f"203.0.113.{10 + number}"), 24, "eth0")


def node(index: int, *instances: VrrpInstance) -> NodeOptions:
    """lb01, lb02, ... with one interface."""
    address = IPv4Address(f"198.18.0.{index}")
    link = LinkOptions(interface="eth0", segment="eth0", address=address)
    return NodeOptions(name=f"lb{index:02}", instances=instances, links=(link,))


def instance(priority: int, **options: Any) -> VrrpInstance:
    """One virtual router with one address."""
    usual = VrrpInstance(
        name="VI_1",
        interface="eth0",
        virtual_router_id=51,
        priority=priority,
        addresses=(vip(),),
    )
    return replace(usual, **options)


def instances(count: int, **options: Any) -> tuple[VrrpInstance, ...]:
    """Virtual routers on one link, each with an address of its own."""
    return tuple(
        instance(**options, name=f"VI_{n}", virtual_router_id=n + 1, addresses=(vip(n),))
        for n in range(count)
    )


def cluster(*nodes: NodeOptions, faults: tuple[Fault, ...] = (), **options: Any) -> Scenario:
    """Played until it has settled, and 5 s more."""
    calm_at = max((end_of(fault) for fault in faults), default=ZERO)
    scenario = Scenario(seed=1, nodes=nodes, faults=faults, calm_at=calm_at, **options)
    return replace(scenario, ends_at=calm_at + settle_span(scenario) + Duration.seconds(5))


def pair(*faults: Fault, **options: Any) -> Scenario:
    """lb01 with priority 150 and lb02 with 100; options are the instances'."""
    nodes = [node(1, instance(150, **options)), node(2, instance(100, **options))]
    return cluster(*nodes, faults=faults)


class StateLog:
    """The states that a node's instances entered, in order."""

    def __init__(self, node: str) -> None:
        self._node = node
        self.states: list[str] = []

    def see(self, observation: Observation) -> None:
        if isinstance(observation, Handled) and observation.node == self._node:
            facts = observation.ready.facts
            self.states += [f.new.value for f in facts if isinstance(f, StateChanged)]


class OwnerLog:
    """Who held the address of `vip()`, and how long two did."""

    def __init__(self, since: Duration = ZERO) -> None:
        """`since`: two owners before that do not count: nodes that start together."""
        self._since_ns = since.ns
        self.came_ns: dict[str, int] = {}
        """When it last came to each node."""
        self.backup_came_ns = 0
        """When it first came to lb02, the weaker one of a `pair`."""
        self.two_longest_ns = 0
        self._owners: list[str] = []
        self._two_since_ns = 0

    def see(self, observation: Observation) -> None:
        match observation:
            case AddressCame(at_ns, node, address) if address == vip().address:
                self.came_ns[node] = at_ns
                if node == "lb02":
                    self.backup_came_ns = self.backup_came_ns or at_ns
                self._owners.append(node)
                if len(self._owners) == 2:
                    self._two_since_ns = at_ns
            case AddressWent(at_ns, node, address) if address == vip().address:
                if len(self._owners) == 2 and self._two_since_ns >= self._since_ns:
                    span_ns = at_ns - self._two_since_ns
                    self.two_longest_ns = max(self.two_longest_ns, span_ns)
                self._owners.remove(node)
            case _:
                pass

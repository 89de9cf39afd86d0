"""Everything that decides a run, in one frozen value: two equal ones give two equal runs.

Knows the options and their meaning. Must not know how they are drawn or played.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.address import IpAddress, VirtualAddress
from halod.model.sync_group import VrrpSyncGroup
from halod.model.units import ZERO, Duration
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.sim.fault import Fault

__all__ = ["KernelOptions", "LinkOptions", "NetworkOptions", "NodeOptions", "Scenario"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOptions:
    """The network between any two nodes, until the calm begins; then it loses nothing."""

    delay_min: Duration = Duration(50_000)
    """Shortest way of a packet. Default 0.05 ms: one switch."""
    delay_max: Duration = Duration.milliseconds(2)
    """Longest way. Each packet draws its own, so packets overtake each other."""
    loss_percent: float = 0.0
    """Packets lost, each for each receiver, 0 to 100."""
    duplicate_percent: float = 0.0
    """Packets that come twice."""
    late_percent: float = 0.0
    """Packets that come later than `delay_max`, when nobody counts on them any more."""
    late_max: Duration = Duration.seconds(4)
    """How late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelOptions:
    """The kernels of all nodes."""

    wait_min: Duration = Duration(60_000)
    """Shortest time of a change of addresses. Default 0.06 ms: measured, idle."""
    wait_max: Duration = Duration.milliseconds(20)
    """Longest time while nobody holds the rtnl lock long; `SlowKernel` makes it longer."""
    rules_wait_max: Duration = Duration.milliseconds(1)
    """Longest time of a change in nftables. Default 1 ms; measured: 24 ms beside huge sets."""
    lateness_max: Duration = Duration.seconds(1)
    """How much too late a lifetime may end. Default 1 s (DESIGN, section 4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOptions:
    """One interface of a node."""

    interface: str
    segment: str
    """Interfaces of one segment hear each other."""
    address: IpAddress
    """The node's own."""
    more: tuple[IpAddress, ...] = ()
    """Further ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeOptions:
    """One machine with the daemon on it."""

    name: str
    instances: tuple[VrrpInstance, ...]
    links: tuple[LinkOptions, ...]
    groups: tuple[VrrpSyncGroup, ...] = ()
    """Which of the instances stand together."""
    clock_offset: Duration = ZERO
    """What its clock shows at the start: nodes have been up for different times."""
    clock_drift_ppm: int = 0
    """How fast its clock runs, in millionths: positive gains. Quartz: within 100."""
    starts_at: Duration = ZERO
    gates: frozenset[LeaseMode] = frozenset({LeaseMode.BPF})
    """Gates of the lease that its kernel has."""
    gateless: frozenset[str] = frozenset()
    """Interfaces that take no gate."""
    foreign: tuple[VirtualAddress, ...] = ()
    """Virtual addresses that the operator has put up there himself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One run."""

    seed: int
    """Decides every delay, loss and lateness that the other options leave open."""
    nodes: tuple[NodeOptions, ...]
    network: NetworkOptions = NetworkOptions()
    kernel: KernelOptions = KernelOptions()
    wake_max: Duration = Duration.milliseconds(2)
    """Longest time from an event to the turn of the process that reads it."""
    faults: tuple[Fault, ...] = ()
    calm_at: Duration = ZERO
    """From here on the network loses nothing; the last fault has ended by then."""
    ends_at: Duration = Duration.seconds(60)

    def node(self, name: str) -> NodeOptions:
        """The node of that name."""
        return next(node for node in self.nodes if node.name == name)

    def is_foreign(self, name: str, address: IpAddress) -> bool:
        """Whether the operator of that node has put the address up himself."""
        return any(foreign.address == address for foreign in self.node(name).foreign)

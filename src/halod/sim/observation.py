"""What can be seen of a run from outside: the oracles and the drawing are made from these alone.

Knows values, each with its true time in nanoseconds. Must not know who judges them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from halod.engine.ready import Ready
from halod.model.address import IpAddress
from halod.model.event import Event
from halod.model.state import State
from halod.model.sync_group import VrrpSyncGroup
from halod.model.units import Instant
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.sim.fault import Fault

__all__ = [
    "AddressCame",
    "AddressWent",
    "AdvertLeft",
    "AdvertMissed",
    "Configured",
    "FaultBegan",
    "FaultEnded",
    "GateChanged",
    "Handled",
    "Life",
    "LifeChanged",
    "Observation",
    "Watch",
]


class Life(Enum):
    """Whether the heartbeat process can act."""

    RUNNING = "running"
    PAUSED = "paused"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class AdvertLeft:
    """A node sent an advert."""

    at_ns: int
    node: str
    instance: str
    priority: int


@dataclass(frozen=True, slots=True)
class AdvertMissed:
    """The network lost an advert on a way that was not cut."""

    at_ns: int
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class AddressCame:
    """A virtual address is heard on a node: it stands, and no gate silences it."""

    at_ns: int
    node: str
    address: IpAddress


@dataclass(frozen=True, slots=True)
class AddressWent:
    """It stands there no more, or a gate silences it."""

    at_ns: int
    node: str
    address: IpAddress


@dataclass(frozen=True, slots=True)
class GateChanged:
    """A gate of the lease was put on an interface, or taken off."""

    at_ns: int
    node: str
    gate: LeaseMode
    interface: str
    hangs: bool


@dataclass(frozen=True, slots=True)
class Handled:
    """The engine of a node was called."""

    at_ns: int
    node: str
    event: Event
    now: Instant
    """What the engine was told."""
    ready: Ready
    """What it answered."""
    deadline: Instant | None
    """What it wants next."""
    states: dict[str, State]
    """Instance to state, afterwards."""


@dataclass(frozen=True, slots=True)
class LifeChanged:
    """The heartbeat of a node began, stood still, went on or ended."""

    at_ns: int
    node: str
    life: Life


@dataclass(frozen=True, slots=True)
class Configured:
    """The engine of a node goes by these instances from now on."""

    at_ns: int
    node: str
    instances: tuple[VrrpInstance, ...]
    groups: tuple[VrrpSyncGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class FaultBegan:
    """A fault of the scenario."""

    at_ns: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class FaultEnded:
    """What was cut, slow or still is so no more."""

    at_ns: int
    fault: Fault


Observation = (
    AdvertLeft
    | AdvertMissed
    | AddressCame
    | AddressWent
    | GateChanged
    | Handled
    | LifeChanged
    | Configured
    | FaultBegan
    | FaultEnded
)

Watch = Callable[[Observation], None]
"""Who is told."""

"""What the kernel balances, as values: what is wanted, what is there, and what turns one into the
other.

Knows services and destinations. Must not know who performs an operation: IPVS and nftables take the
same ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from halod.model.endpoint import Endpoint, ServiceKey
from halod.model.units import ZERO, Duration
from halod.model.virtual_server import Forwarding

__all__ = [
    "AddDestination",
    "AddService",
    "Destination",
    "DestinationCounters",
    "OperationFailure",
    "RemoveDestination",
    "RemoveService",
    "Service",
    "ServiceTable",
    "TableOperation",
    "UpdateDestination",
    "UpdateService",
]


@dataclass(frozen=True, slots=True)
class Destination:
    """One real server of one service in the table."""

    endpoint: Endpoint
    weight: int
    """0 to 2^31-1; 0: no new connections, those that are there go on."""
    forwarding: Forwarding = Forwarding()
    threshold_upper: int = 0
    """Connections; 0: none."""
    threshold_lower: int = 0


@dataclass(frozen=True, slots=True)
class Service:
    """How one service is scheduled, without its destinations."""

    key: ServiceKey
    scheduler: str
    scheduler_flags: int = 0
    """The kernel's bits (ip_vs.h, IP_VS_SVC_F_SCHED*)."""
    one_packet: bool = False
    persistence: Duration = ZERO
    """Whole seconds; 0: none."""
    persistence_mask: int = 0
    """Bits of a client's address, 0 where there is no persistence."""
    persistence_engine: str = ""


@dataclass(frozen=True, slots=True)
class ServiceTable:
    """Every service with its destinations."""

    services: Mapping[ServiceKey, Service] = field(default_factory=dict)
    destinations: Mapping[ServiceKey, Mapping[Endpoint, Destination]] = field(default_factory=dict)
    """Of each service; a service without any may be missing here."""


@dataclass(frozen=True, slots=True)
class AddService:
    service: Service


@dataclass(frozen=True, slots=True)
class UpdateService:
    service: Service


@dataclass(frozen=True, slots=True)
class RemoveService:
    """Its destinations go with it."""

    key: ServiceKey


@dataclass(frozen=True, slots=True)
class AddDestination:
    key: ServiceKey
    destination: Destination


@dataclass(frozen=True, slots=True)
class UpdateDestination:
    key: ServiceKey
    destination: Destination


@dataclass(frozen=True, slots=True)
class RemoveDestination:
    key: ServiceKey
    endpoint: Endpoint


TableOperation = (
    AddService
    | UpdateService
    | RemoveService
    | AddDestination
    | UpdateDestination
    | RemoveDestination
)


@dataclass(frozen=True, slots=True)
class OperationFailure:
    """What the kernel refused."""

    operation: TableOperation
    error_number: int
    """errno; 0: it was nftables, which has words alone."""
    why: str
    """Cause as a sentence."""


@dataclass(frozen=True, slots=True)
class DestinationCounters:
    """What the kernel counts of one destination."""

    active: int | None
    """Connections that are established; None: not counted yet."""
    inactive: int | None
    """Those that begin or end."""
    connections: int
    """Since it was added."""
    bytes_in: int = 0
    bytes_out: int = 0

"""Operations on one service, taken together: what it should be after them.

Knows operations. Must not know the kernel, nor which of them it takes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from halod.model.endpoint import Endpoint, ServiceKey
from halod.model.service_table import (
    AddDestination,
    AddService,
    Destination,
    OperationFailure,
    RemoveDestination,
    RemoveService,
    Service,
    TableOperation,
    UpdateDestination,
    UpdateService,
)
from halod.wire.nft_balancing import Change
from halod.wire.nft_service_rules import PlacedService

__all__ = ["Wanted", "key_of", "wanted_of"]


@dataclass(slots=True)
class Wanted:
    """What operations make of one service."""

    service: Service | None
    """None: it is to go."""
    destinations: dict[Endpoint, Destination]
    operations: list[TableOperation] = field(default_factory=list)
    ready: PlacedService | None = None
    """As it will stand, without what nftables cannot take."""
    changes: list[Change] = field(default_factory=list)
    """The transaction that leads there."""

    def take(self, operation: TableOperation) -> None:
        """One more operation, behind those before."""
        self.operations.append(operation)
        match operation:
            case AddService(service) | UpdateService(service):
                self.service = service
            case RemoveService():
                self.service = None
                self.destinations.clear()
            case AddDestination(_, destination) | UpdateDestination(_, destination):
                self.destinations[destination.endpoint] = destination
            case RemoveDestination(_, endpoint):
                self.destinations.pop(endpoint, None)

    def last_of(self, key: ServiceKey, endpoint: Endpoint) -> TableOperation:
        """The operation to which a server's refusal belongs."""
        for operation in reversed(self.operations):
            match operation:
                case AddDestination(_, one) | UpdateDestination(_, one) if one.endpoint == endpoint:
                    return operation
        return AddDestination(key, self.destinations[endpoint])

    def failures(self, error: int, why: str) -> list[OperationFailure]:
        """The transaction was refused as a whole."""
        return [OperationFailure(operation, error, why) for operation in self.operations]


def wanted_of(placed: PlacedService | None) -> Wanted:
    """What stands, before any operation."""
    if placed is None:
        return Wanted(None, {})
    there = {one.destination.endpoint: one.destination for one in placed.destinations}
    return Wanted(placed.service, there)


def key_of(operation: TableOperation) -> ServiceKey:
    if isinstance(operation, AddService | UpdateService):
        return operation.service.key
    return operation.key

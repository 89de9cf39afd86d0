"""From what the kernel holds to what it should hold: the fewest operations, in a safe order.

Knows two tables. Must not know why anything is wanted, nor whether the kernel will take it.

The order, of each service:

1. the service itself is added or changed, never removed and added anew: it keeps its connections;
2. destinations are added, and those that gain weight changed: what will serve serves already
3. before any other loses weight
4. or is removed.

So a service that serves before and after serves in between, wherever the plan is cut off. Services
that nobody wants go last, and only those that are said to be ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from halod.model.endpoint import Endpoint, ServiceKey
from halod.model.service_table import (
    AddDestination,
    AddService,
    Destination,
    RemoveDestination,
    RemoveService,
    Service,
    ServiceTable,
    TableOperation,
    UpdateDestination,
    UpdateService,
)

__all__ = ["applied", "in_safe_order", "operation_key", "plan", "plan_destination", "plan_service"]

_NONE: Mapping[Endpoint, Destination] = {}


def plan(
    desired: ServiceTable, observed: ServiceTable, ours: Iterable[ServiceKey]
) -> tuple[TableOperation, ...]:
    """Everything that makes `observed` what is desired. `ours`: services that may be removed."""
    operations: list[TableOperation] = []
    for key, service in desired.services.items():
        wanted, held = desired.destinations.get(key, _NONE), observed.destinations.get(key, _NONE)
        operations += plan_service(service, wanted, observed.services.get(key), held)
    gone = [key for key in ours if key in observed.services and key not in desired.services]
    return (*operations, *map(RemoveService, gone))


def plan_service(
    service: Service,
    wanted: Mapping[Endpoint, Destination],
    held_service: Service | None,
    held: Mapping[Endpoint, Destination],
) -> list[TableOperation]:
    """Of one service."""
    first: list[TableOperation] = []
    if held_service is None:
        first.append(AddService(service))
        held = _NONE
    elif held_service != service:
        first.append(UpdateService(service))
    if wanted == held:
        return first
    key = service.key
    changes = list(_changes(key, wanted, held))
    return first + in_safe_order(changes, held)


def _changes(
    key: ServiceKey, wanted: Mapping[Endpoint, Destination], held: Mapping[Endpoint, Destination]
) -> Iterator[TableOperation]:
    for endpoint, destination in wanted.items():
        change = plan_destination(key, endpoint, destination, held.get(endpoint))
        if change is not None:
            yield change
    for endpoint in held:
        if endpoint not in wanted:
            yield RemoveDestination(key, endpoint)


def plan_destination(
    key: ServiceKey, endpoint: Endpoint, wanted: Destination | None, held: Destination | None
) -> TableOperation | None:
    """Of one place in one service; None: it is as wanted."""
    if wanted is None:
        return None if held is None else RemoveDestination(key, endpoint)
    if held is None:
        return AddDestination(key, wanted)
    return None if wanted == held else UpdateDestination(key, wanted)


def in_safe_order(
    changes: list[TableOperation], held: Mapping[Endpoint, Destination]
) -> list[TableOperation]:
    """Changes of destinations of one service: steps 2 to 4."""
    if len(changes) < 2:
        return changes
    return sorted(changes, key=lambda change: _rank(change, held))


def _rank(change: TableOperation, held: Mapping[Endpoint, Destination]) -> int:
    match change:
        case AddDestination():
            return 0
        case UpdateDestination(destination=wanted):
            before = held.get(wanted.endpoint)
            # One that keeps its weight may lose something else that it serves by.
            return 0 if before is None or wanted.weight > before.weight else 1
        case _:
            return 2


def operation_key(operation: TableOperation) -> tuple[ServiceKey, Endpoint | None]:
    """Which service, and which place in it, an operation concerns."""
    match operation:
        case AddService(service) | UpdateService(service):
            return service.key, None
        case RemoveService(key):
            return key, None
        case AddDestination(key, destination) | UpdateDestination(key, destination):
            return key, destination.endpoint
        case RemoveDestination(key, endpoint):
            return key, endpoint


def applied(table: ServiceTable, operations: Iterable[TableOperation]) -> ServiceTable:
    """What a kernel that refuses nothing makes of it: the meaning of each operation."""
    services = dict(table.services)
    destinations = {key: dict(table.destinations.get(key, _NONE)) for key in services}
    for operation in operations:
        match operation:
            case AddService(service) | UpdateService(service):
                services[service.key] = service
                destinations.setdefault(service.key, {})
            case RemoveService(key):
                del services[key]
                del destinations[key]
            case AddDestination(key, destination) | UpdateDestination(key, destination):
                destinations[key][destination.endpoint] = destination
            case RemoveDestination(key, endpoint):
                del destinations[key][endpoint]
    return ServiceTable(services, destinations)

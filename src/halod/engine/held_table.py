"""What the kernel is believed to hold: as it was observed, and as operations have changed it since.

Knows services and destinations. Must not know what is wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

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

__all__ = ["HeldTable"]

UNKNOWN_WEIGHT = -1
UNKNOWN_SCHEDULER = ""
"""Of what stands there in a state that nobody knows: equal to nothing that can be wanted."""

_NONE: Mapping[Endpoint, Destination] = {}


class HeldTable:
    """A belief; `observe` puts it right."""

    def __init__(self) -> None:
        self.services: dict[ServiceKey, Service] = {}
        self._destinations: dict[ServiceKey, dict[Endpoint, Destination]] = {}

    def observe(self, table: ServiceTable) -> None:
        """What really stands there."""
        self.services = dict(table.services)
        self._destinations = {
            key: dict(table.destinations.get(key, _NONE)) for key in table.services
        }

    def destinations(self, key: ServiceKey) -> Mapping[Endpoint, Destination]:
        """Of one service; none where there is no such service."""
        return self._destinations.get(key, _NONE)

    def apply(self, operations: Iterable[TableOperation]) -> None:
        """Believes that the kernel takes them."""
        for operation in operations:
            match operation:
                case AddService(service) | UpdateService(service):
                    self.services[service.key] = service
                    self._destinations.setdefault(service.key, {})
                case RemoveService(key):
                    self.services.pop(key, None)
                    self._destinations.pop(key, None)
                case AddDestination(key, destination) | UpdateDestination(key, destination):
                    self._destinations[key][destination.endpoint] = destination
                case RemoveDestination(key, endpoint):
                    self._destinations[key].pop(endpoint, None)

    def refuse(self, operation: TableOperation) -> None:
        """The kernel did not take one after all."""
        match operation:
            case AddService(service):
                self.services.pop(service.key, None)
                self._destinations.pop(service.key, None)
            case UpdateService(service):
                if service.key in self.services:
                    self._doubt(service)
            case RemoveService(key):
                self._doubt(Service(key, UNKNOWN_SCHEDULER))
                self._destinations.setdefault(key, {})
            case AddDestination(key, destination):
                self._destinations.get(key, {}).pop(destination.endpoint, None)
            case UpdateDestination(key, destination):
                if key in self._destinations:
                    doubtful = replace(destination, weight=UNKNOWN_WEIGHT)
                    self._destinations[key][destination.endpoint] = doubtful
            case RemoveDestination(key, endpoint):
                if key in self._destinations:
                    self._destinations[key][endpoint] = Destination(endpoint, UNKNOWN_WEIGHT)

    def _doubt(self, service: Service) -> None:
        self.services[service.key] = replace(service, scheduler=UNKNOWN_SCHEDULER)

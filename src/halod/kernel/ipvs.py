"""The kernel's table of virtual servers: reads it back, and performs operations on it.

Knows what the kernel answers and what that means. Must not know which table is wanted. Idempotent:
adding what is there changes it, removing what is not there is done, and so on; an operation fails
only where the kernel refuses its outcome.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence
from typing import assert_never

from halod.kernel.generic_netlink_socket import GenericNetlinkSocket
from halod.kernel.ipvs_module import REPLY_DEADLINE_S, load_ipvs
from halod.model.balance_effect import SyncRole
from halod.model.endpoint import Endpoint, ServiceKey
from halod.model.service_table import (
    AddDestination,
    AddService,
    Destination,
    DestinationCounters,
    OperationFailure,
    RemoveDestination,
    RemoveService,
    Service,
    ServiceTable,
    TableOperation,
    UpdateDestination,
    UpdateService,
)
from halod.model.virtual_server import LvsTimeouts, SyncDaemon
from halod.wire import ipvs
from halod.wire.ipvs import FAMILY, IpvsInfo, command
from halod.wire.ipvs_attributes import IpvsCommand
from halod.wire.ipvs_destination import (
    encode_destination,
    encode_endpoint,
    read_counters,
    read_destination,
)
from halod.wire.netlink import DecodeError

__all__ = ["Ipvs"]

ATTEMPTS_MAX = 3
"""An update of a destination whose service was removed by somebody: the service is put back by the
second attempt, the destination by the third."""

_Attempt = tuple[TableOperation, bytes]
"""An operation, and the message that is to perform it."""

_GONE = {errno.ESRCH, errno.ENOENT}


class Ipvs:
    """The table of the network namespace in which it was opened. For one thread."""

    def __init__(self) -> None:
        """Raises IpvsMissingError where this kernel has none."""
        self._socket = GenericNetlinkSocket(load_ipvs(), FAMILY, REPLY_DEADLINE_S)

    def close(self) -> None:
        self._socket.close()

    def info(self) -> IpvsInfo:
        """Version and size; raises OSError, EPERM without CAP_NET_ADMIN."""
        return ipvs.decode_info(self._socket.ask(command(IpvsCommand.GET_INFO)).attributes)

    def observe(self) -> ServiceTable:
        """The whole table as it is; raises OSError."""
        services: dict[ServiceKey, Service] = {}
        destinations: dict[ServiceKey, dict[Endpoint, Destination]] = {}
        try:
            for service in self._services():
                services[service.key] = service
                family = service.key.family
                found = (read_destination(told, family) for told in self._destinations(service.key))
                destinations[service.key] = {one.endpoint: one for one in found}
        except DecodeError as error:
            raise _unreadable(error) from error
        return ServiceTable(services, destinations)

    def sweep(self) -> None:
        """A table of IPVS is its services, and no more."""

    def counters(self) -> dict[ServiceKey, dict[Endpoint, DestinationCounters]]:
        """What the kernel has counted of each destination; raises OSError."""
        counted: dict[ServiceKey, dict[Endpoint, DestinationCounters]] = {}
        try:
            for service in self._services():
                counted[service.key] = {
                    read_destination(told, service.key.family).endpoint: read_counters(told)
                    for told in self._destinations(service.key)
                }
        except DecodeError as error:
            raise _unreadable(error) from error
        return counted

    def apply(self, operations: Sequence[TableOperation]) -> list[OperationFailure]:
        """Performs them in their order; what the kernel refused, while all the rest is done."""
        left = [(operation, _payload(operation)) for operation in operations]
        failures: list[OperationFailure] = []
        for number in range(1, ATTEMPTS_MAX + 1):
            left, refused = self._attempt(left, is_last=number == ATTEMPTS_MAX)
            failures += refused
        return failures

    def _attempt(
        self, wanted: Sequence[_Attempt], *, is_last: bool
    ) -> tuple[list[_Attempt], list[OperationFailure]]:
        """What is to be had in another way, and what not at all."""
        again: list[_Attempt] = []
        failures: list[OperationFailure] = []
        # A destination may have failed because its service did: it follows, in the same order.
        services: set[ServiceKey] = set()
        errors = self._socket.change([payload for _, payload in wanted])
        for (operation, payload), error in zip(wanted, errors, strict=True):
            if error == 0 or (error in _GONE and isinstance(operation, _REMOVALS)):
                continue
            other = _other_way(operation, error)
            if other is None and error == errno.ESRCH and _key(operation) in services:
                other = payload
            if other is None or is_last:
                why = _sentence(operation, error)
                failures.append(OperationFailure(operation, error, why))
            else:
                again.append((operation, other))
                services.add(_key(operation))
        return again, failures

    def flush(self) -> None:
        """Removes every service; raises OSError."""
        self._perform(IpvsCommand.FLUSH)

    def zero(self) -> None:
        """Sets all counters to 0; raises OSError."""
        self._perform(IpvsCommand.ZERO)

    def timeouts(self) -> LvsTimeouts:
        """Raises OSError."""
        return ipvs.decode_timeouts(self._socket.ask(command(IpvsCommand.GET_CONFIG)).attributes)

    def set_timeouts(self, timeouts: LvsTimeouts) -> None:
        """0 leaves one as it is; raises OSError."""
        self._perform(IpvsCommand.SET_CONFIG, ipvs.encode_timeouts(timeouts))

    def sync_daemons(self) -> dict[SyncRole, SyncDaemon]:
        """Those that run; raises OSError."""
        try:
            told = self._socket.dump(command(IpvsCommand.GET_DAEMON))
            return dict(ipvs.decode_daemon(one.attributes) for one in told)
        except DecodeError as error:
            raise _unreadable(error) from error

    def start_sync_daemon(self, role: SyncRole, daemon: SyncDaemon) -> None:
        """One that runs otherwise is ended and started anew; raises OSError.

        The length of a message is not compared, for the kernel keeps it within bounds of its own.
        """
        running = self.sync_daemons().get(role)
        if running is not None:
            if _is_as_wanted(running, daemon):
                return
            self.stop_sync_daemon(role)
        self._perform(IpvsCommand.NEW_DAEMON, ipvs.encode_daemon(role, daemon))

    def stop_sync_daemon(self, role: SyncRole) -> None:
        """That there is none is no error; raises OSError."""
        # The kernel's thread may be told to end before it ran for the first time. Then it ends, and
        # the request is answered by EINTR, which netlink does not pass on: there is no answer. The
        # second request always has one.
        stop = command(IpvsCommand.DEL_DAEMON, ipvs.encode_role(role))
        _, error = self._socket.change([stop, stop])
        if error != errno.ESRCH:
            raise OSError(error, f"IPVS refuses DEL_DAEMON: {os.strerror(error)}")

    def _services(self) -> Iterable[Service]:
        for told in self._socket.dump(command(IpvsCommand.GET_SERVICE)):
            yield ipvs.decode_service(told.attributes)

    def _destinations(self, key: ServiceKey) -> list[bytes]:
        return self._socket.dump_payloads(command(IpvsCommand.GET_DEST, ipvs.encode_key(key)))

    def _perform(self, number: IpvsCommand, attributes: bytes = b"") -> None:
        (error,) = self._socket.change([command(number, attributes)])
        if error:
            raise OSError(error, f"IPVS refuses {number.name}: {os.strerror(error)}")


_REMOVALS = (RemoveService, RemoveDestination)


def _payload(operation: TableOperation) -> bytes:
    match operation:
        case AddService(service):
            return command(IpvsCommand.NEW_SERVICE, ipvs.encode_service(service))
        case UpdateService(service):
            return command(IpvsCommand.SET_SERVICE, ipvs.encode_service(service))
        case RemoveService(key):
            return command(IpvsCommand.DEL_SERVICE, ipvs.encode_key(key))
        case AddDestination(key, destination):
            body = ipvs.encode_key(key) + encode_destination(destination)
            return command(IpvsCommand.NEW_DEST, body)
        case UpdateDestination(key, destination):
            body = ipvs.encode_key(key) + encode_destination(destination)
            return command(IpvsCommand.SET_DEST, body)
        case RemoveDestination(key, endpoint):
            body = ipvs.encode_key(key) + encode_endpoint(endpoint)
            return command(IpvsCommand.DEL_DEST, body)
        case _:
            assert_never(operation)


def _other_way(operation: TableOperation, error: int) -> bytes | None:
    """How the same outcome is had where the thing is there already, or is not there."""
    match operation:
        case AddService(service) if error == errno.EEXIST:
            return _payload(UpdateService(service))
        case UpdateService(service) if error == errno.ESRCH:
            return _payload(AddService(service))
        case AddDestination(key, destination) if error == errno.EEXIST:
            return _payload(UpdateDestination(key, destination))
        case UpdateDestination(key, destination) if error == errno.ENOENT:
            return _payload(AddDestination(key, destination))
    return None


def _key(operation: TableOperation) -> ServiceKey:
    if isinstance(operation, AddService | UpdateService):
        return operation.service.key
    return operation.key


def _sentence(operation: TableOperation, error: int) -> str:
    """The cause of a refusal, for an operator."""
    match operation:
        case AddService(service) | UpdateService(service) if error == errno.ENOENT:
            if not service.persistence_engine:
                return f"this kernel has no scheduler {service.scheduler}"
            engine = service.persistence_engine
            return (
                f"this kernel has no scheduler {service.scheduler} or no persistence engine"
                f" {engine}"
            )
        case AddDestination() | UpdateDestination() if error == errno.ESRCH:
            return "its service is not in the table"
        case AddDestination() | UpdateDestination() if error == errno.ERANGE:
            return "its lower threshold is above the upper one"
    if error == errno.EPERM:
        return "this process may not change the table (CAP_NET_ADMIN)"
    if error == errno.EAFNOSUPPORT:
        return "this kernel has no IPv6, or it is switched off"
    return f"the kernel refuses it: {os.strerror(error)}"


def _is_as_wanted(running: SyncDaemon, wanted: SyncDaemon) -> bool:
    """Where nothing is wanted, the kernel's own choice fits."""
    pairs = (
        (running.port, wanted.port),
        (running.ttl, wanted.ttl),
        (running.group, wanted.group),
    )
    same = (running.interface, running.sync_id) == (wanted.interface, wanted.sync_id or 0)
    return same and all(wish in (0, "", found) for found, wish in pairs)


def _unreadable(error: DecodeError) -> OSError:
    return OSError(errno.EPROTO, f"the kernel's table cannot be read: {error}")

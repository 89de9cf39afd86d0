"""What a service and its destinations were made from, as the comment of an element.

    service tcp 192.0.2.1 80 wrr 0 - 300 32 -
    server 10.0.0.11 80 3 NAT 0 0 0 0 0

Knows the words. Must not know where the comment stands. It is how a table is understood again after
a restart, and how somebody understands it who looks at it by `nft list`.
"""

from __future__ import annotations

from ipaddress import ip_address

from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.service_table import Destination, Service
from halod.model.units import Duration
from halod.model.virtual_server import Forwarding, Method, Tunnel
from halod.wire.netlink import DecodeError

__all__ = ["read_destination", "read_service", "record_of_destination", "record_of_service"]

_NONE = "-"
_SECOND = Duration.seconds(1)


def record_of_service(service: Service) -> str:
    """At most 120 bytes: names of schedulers and engines are short."""
    key = service.key
    if key.protocol is None or key.endpoint is None:
        where = ["mark", str(key.family), str(key.mark)]
    else:
        where = [key.protocol.word, str(key.endpoint.address), str(key.endpoint.port)]
    words = [
        "service",
        *where,
        service.scheduler,
        str(service.scheduler_flags),
        "ops" if service.one_packet else _NONE,
        str(service.persistence.ns // _SECOND.ns),
        str(service.persistence_mask),
        service.persistence_engine or _NONE,
    ]
    return " ".join(words)


def record_of_destination(destination: Destination) -> str:
    forwarding = destination.forwarding
    numbers = (
        forwarding.tunnel.value,
        forwarding.tunnel_port,
        forwarding.tunnel_flags,
        destination.threshold_upper,
        destination.threshold_lower,
    )
    endpoint = destination.endpoint
    where = f"server {endpoint.address} {endpoint.port} {destination.weight}"
    return " ".join((where, forwarding.method.value, *map(str, numbers)))


def read_service(record: str) -> Service:
    """Raises DecodeError."""
    try:
        word, kind, first, second, scheduler, bits, flags, seconds, mask, engine = record.split()
        if word != "service":
            raise DecodeError(f"no record of a service: {record!r:.60}")
        return Service(
            _key(kind, first, second),
            scheduler,
            int(bits),
            flags == "ops",
            Duration.seconds(int(seconds)),
            int(mask),
            "" if engine == _NONE else engine,
        )
    except (ValueError, KeyError) as error:
        raise DecodeError(f"no record of a service: {record!r:.60}") from error


def read_destination(record: str) -> Destination:
    """Raises DecodeError."""
    try:
        word, address, port, weight, method, *numbers = record.split()
        if word != "server":
            raise DecodeError(f"no record of a server: {record!r:.60}")
        tunnel, tunnel_port, tunnel_flags, upper, lower = map(int, numbers)
        return Destination(
            Endpoint(ip_address(address), int(port)),
            int(weight),
            Forwarding(Method(method), Tunnel(tunnel), tunnel_port, tunnel_flags),
            upper,
            lower,
        )
    except ValueError as error:
        raise DecodeError(f"no record of a server: {record!r:.60}") from error


def _key(kind: str, first: str, second: str) -> ServiceKey:
    if kind == "mark":
        return ServiceKey(int(first), None, None, int(second))
    endpoint = Endpoint(ip_address(first), int(second))
    return ServiceKey(endpoint.address.version, Protocol[kind.upper()], endpoint)

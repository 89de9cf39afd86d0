"""Numbers for services and servers, and which servers of a service nftables can take.

Knows what cannot stand beside what. Must not know rules, nor the kernel.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping

from halod.model import nft_fitness
from halod.model.endpoint import Endpoint
from halod.model.service_table import Destination, Service
from halod.model.virtual_server import Method
from halod.wire.route_lookup import Way

__all__ = ["method_of", "number_of", "refusals"]

_LOCAL_BESIDE_OTHERS = (
    "it is this machine itself: the nftables engine serves a DR server here only while no other "
    "takes connections; use NAT"
)


def number_of(name: str, taken: Container[int], step: int = 1) -> int:
    """32 bits, a multiple of `step`, never 0: the same for the same name wherever it is asked, so
    that clients and flows that are remembered find a server again that was away."""
    attempt = 0
    while True:
        digest = hashlib.blake2b(f"{name} {attempt}".encode(), digest_size=4).digest()
        number = int.from_bytes(digest, "big") // step * step
        if number and number not in taken:
            return number
        attempt += 1


def method_of(destinations: Iterable[Destination]) -> Method:
    """What most of those use that take connections; NAT where it is undecided."""
    known = list(destinations)
    live = [one for one in known if one.weight > 0] or known
    direct = sum(one.forwarding.method is Method.DR for one in live)
    return Method.DR if direct > len(live) - direct else Method.NAT


def refusals(
    service: Service,
    destinations: Mapping[Endpoint, Destination],
    ways: Mapping[Endpoint, Way | str],
) -> dict[Endpoint, str]:
    """Why which servers cannot be taken. `ways`: of those behind DR."""
    refused: dict[Endpoint, str] = {}
    for endpoint, one in destinations.items():
        why = _alone(service, one, ways.get(endpoint))
        if why:
            refused[endpoint] = why
    rest = {e: one for e, one in destinations.items() if e not in refused and one.weight > 0}
    method = method_of(rest.values())
    has_port = any(e.port for e in rest)
    elsewhere = any(not _is_here(ways.get(e)) for e in rest)
    for endpoint, one in rest.items():
        if one.forwarding.method is not method:
            refused[endpoint] = nft_fitness.MIXED_METHODS.sentence
        elif method is Method.NAT and has_port and not endpoint.port:
            refused[endpoint] = nft_fitness.MIXED_PORTS.sentence
        elif method is Method.DR and elsewhere and _is_here(ways.get(endpoint)):
            refused[endpoint] = _LOCAL_BESIDE_OTHERS
    return refused


def _alone(service: Service, one: Destination, way: Way | str | None) -> str:
    method = one.forwarding.method
    if method is Method.TUN:
        return nft_fitness.TUNNEL.sentence
    if one.endpoint.address.version != service.key.family:
        return nft_fitness.MIXED_FAMILIES.sentence
    if method is Method.NAT:
        return ""
    if service.key.mark:
        return nft_fitness.MARK_DIRECT.sentence
    if isinstance(way, str):
        return f"no way to {one.endpoint.address}: {way}"
    if way is not None and not way.is_local and not way.is_neighbour:
        return (
            f"{one.endpoint.address} is behind a gateway: DR sends frames to servers on a link of "
            "this machine"
        )
    return ""


def _is_here(way: Way | str | None) -> bool:
    return isinstance(way, Way) and way.is_local

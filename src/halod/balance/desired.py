"""What the kernel should hold for a pool as it is now.

Knows where each server of a pool stands in each of its services. Must not know what is there.

Nothing here has a memory: the same pool always wants the same. A server that is up stands with its
weight; one that is down does not stand, or with weight 0 (`inhibit_on_failure`); while the sorry
server serves it stands alone, as in keepalived. One that an operator drains stays with weight 0 in
any case, so that its connections can end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from halod.balance.member import Member
from halod.balance.pool import Pool
from halod.model.balance_event import Admin
from halod.model.endpoint import Endpoint, ServiceKey
from halod.model.service_table import Destination, Service, ServiceTable
from halod.model.virtual_server import Forwarding, Method, VirtualServer

__all__ = ["Layout", "desired_table", "layouts_of", "service_of"]

SORRY_WEIGHT = 1
"""keepalived gives it no other."""


class Layout:
    """Services of a pool in which its servers stand at the same endpoints: those of one port.

    Behind DR and TUN a server has the port of the service, whatever the file says (the kernel does
    not rewrite it), so a group with several ports has several of these.
    """

    __slots__ = ("_pool", "_sorry", "keys", "places", "slots")

    def __init__(self, pool: Pool, keys: tuple[ServiceKey, ...], port: int) -> None:
        """`port`: of the services; 0 of firewall marks."""
        self._pool = pool
        self.keys = keys
        self.places: dict[Endpoint, Endpoint] = {}
        """Where each server stands."""
        self.slots: dict[Endpoint, tuple[Member, ...]] = {}
        """Who stands at each place: without ports two servers may share one."""
        for endpoint, member in pool.members.items():
            place = _place(endpoint, member.config.forwarding, port)
            self.places[endpoint] = place
            self.slots[place] = (*self.slots.get(place, ()), member)
        sorry = pool.config.sorry_server
        self._sorry = None if sorry is None else _place(sorry.endpoint, sorry.forwarding, port)
        if self._sorry is not None:
            self.slots.setdefault(self._sorry, ())

    def destination(self, place: Endpoint) -> Destination | None:
        """What should stand there; None: nothing. Of several the one with most weight."""
        best = self._of_sorry() if place == self._sorry else None
        for member in self.slots.get(place, ()):
            found = _of_member(self._pool, member, place)
            if found is not None and (best is None or found.weight > best.weight):
                best = found
        return best

    def destinations(self) -> dict[Endpoint, Destination]:
        """All of them."""
        found = ((place, self.destination(place)) for place in self.slots)
        return {place: each for place, each in found if each is not None}

    def _of_sorry(self) -> Destination | None:
        sorry, serves = self._pool.config.sorry_server, self._pool.sorry_serves
        if sorry is None or self._sorry is None or not (serves or sorry.inhibit):
            return None
        return Destination(self._sorry, SORRY_WEIGHT if serves else 0, sorry.forwarding)


def _place(endpoint: Endpoint, forwarding: Forwarding, port: int) -> Endpoint:
    if forwarding.method is Method.NAT or endpoint.port == port:
        return endpoint
    return Endpoint(endpoint.address, port)


def _of_member(pool: Pool, member: Member, place: Endpoint) -> Destination | None:
    config = member.config
    if member.admin is Admin.DISABLED:
        return None
    if not member.alive:
        weight = 0 if config.inhibit_on_failure else None
    elif member.admin is Admin.DRAINING:
        weight = 0
    elif pool.sorry_serves:
        weight = 0 if config.inhibit_on_failure else None
    else:
        weight = member.weight
    if weight is None:
        return None
    return Destination(
        place, weight, config.forwarding, config.threshold_upper, config.threshold_lower
    )


def layouts_of(pool: Pool) -> tuple[Layout, ...]:
    """One a port, or the only one where every server is reached by NAT."""
    keys: dict[int, list[ServiceKey]] = {}
    for key in pool.config.services:
        keys.setdefault(key.endpoint.port if key.endpoint else 0, []).append(key)
    return tuple(Layout(pool, tuple(of_port), port) for port, of_port in keys.items())


def service_of(server: VirtualServer, key: ServiceKey) -> Service:
    """One of its services, without destinations."""
    return Service(
        key,
        server.scheduler,
        server.scheduler_flags,
        server.one_packet,
        server.persistence,
        server.persistence_mask,
        server.persistence_engine,
    )


def desired_table(pools: Iterable[Pool]) -> ServiceTable:
    """All that is wanted, made anew: what every shortcut must come to."""
    services: dict[ServiceKey, Service] = {}
    destinations: dict[ServiceKey, dict[Endpoint, Destination]] = {}
    for pool, layout, key in _all_services(pools):
        services[key] = service_of(pool.config, key)
        destinations[key] = layout.destinations()
    return ServiceTable(services, destinations)


def _all_services(pools: Iterable[Pool]) -> Iterator[tuple[Pool, Layout, ServiceKey]]:
    for pool in pools:
        for layout in layouts_of(pool):
            for key in layout.keys:
                yield pool, layout, key

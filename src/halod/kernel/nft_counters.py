"""What is counted of each destination that nftables balances.

Knows by what a flow of a destination is known. Must not know how flows are counted. Those that were
translated are known by where the client sent to and who answers; a service of every port, or of a
firewall mark, by its servers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from halod.kernel.flow_tally import FlowTally, Tally
from halod.model.endpoint import Endpoint, ServiceKey
from halod.model.service_table import DestinationCounters
from halod.model.virtual_server import Method
from halod.wire.nft_service_rules import PlacedService

__all__ = ["counters_of"]

_Known = tuple[int | None, Endpoint | None, Endpoint]
"""Protocol, what was asked for (None: anything), and who answers (port 0: at any)."""


def counters_of(
    services: Iterable[PlacedService], chosen: Mapping[int, int], flows: FlowTally
) -> dict[ServiceKey, dict[Endpoint, DestinationCounters]]:
    """`chosen`: how often each server was, by number. Raises OSError."""
    placed = list(services)
    methods = {service.method for service in placed}
    tally = flows.look(translated=Method.NAT in methods, direct=Method.DR in methods)
    translated = _by_known(tally) if tally is not None else {}
    counted: dict[ServiceKey, dict[Endpoint, DestinationCounters]] = {}
    for service in placed:
        key = service.service.key
        counted[key] = {}
        for one in service.destinations:
            found: tuple[int | None, int | None] = (None, None)
            if tally is not None and service.method is Method.DR:
                found = tally.direct.get(one.number, (0, 0))
            elif tally is not None:
                found = translated.get(_known(key, one.destination.endpoint), (0, 0))
            endpoint = one.destination.endpoint
            counted[key][endpoint] = DestinationCounters(*found, chosen.get(one.number, 0))
    return counted


def _known(key: ServiceKey, server: Endpoint) -> _Known:
    protocol = key.protocol.value if key.protocol is not None else None
    return protocol, key.endpoint, server


def _by_known(tally: Tally) -> dict[_Known, tuple[int, int]]:
    """Each flow under all names that a destination may have for it."""
    found: dict[_Known, tuple[int, int]] = {}
    for ends, (active, inactive) in tally.translated.items():
        asked = (ends.asked, Endpoint(ends.asked.address, 0))
        servers = (ends.server, Endpoint(ends.server.address, 0))
        names: list[_Known] = [(ends.protocol, to, by) for to in asked for by in servers]
        names += [(None, None, by) for by in servers]
        for name in names:
            before = found.get(name, (0, 0))
            found[name] = before[0] + active, before[1] + inactive
    return found

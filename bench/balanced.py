"""What nftables costs where it balances: requests through the VIP beside requests to the server,
and the time that a change of one member takes among many.

Knows one stage on this machine: client, director, one server, all of it on the same processors, so
that the share is a lower bound. Must not know how figures are shown.
"""

from __future__ import annotations

import asyncio
import time
from ipaddress import IPv4Address

from halod.kernel.nft_services import NftServices
from halod.lab.namespace import Namespace
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.service_table import (
    AddDestination,
    AddService,
    Destination,
    RemoveDestination,
    Service,
    TableOperation,
)
from halod.model.virtual_server import Forwarding, Method

__all__ = ["SERVERS", "SERVICES", "measure_change", "measure_requests"]

SERVICES, SERVERS = 2277, 16
"""As many as the largest configuration that was published, evenly filled."""
CONNECTIONS = 16
_REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def measure_requests(client: Namespace, address: str, port: int, seconds: float) -> float:
    """Answers a second, each connection with its next request after the answer to the last."""
    return client.call(lambda: asyncio.run(_requests(address, port, seconds)))


async def _requests(address: str, port: int, seconds: float) -> float:
    counted = 0
    deadline = time.monotonic() + seconds

    async def one() -> None:
        nonlocal counted
        reader, writer = await asyncio.open_connection(address, port)
        while time.monotonic() < deadline:
            writer.write(_REQUEST)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            counted += 1
        writer.close()
        await writer.wait_closed()

    began = time.monotonic()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return counted / (time.monotonic() - began)


def measure_change(director: Namespace, method: Method, runs: int) -> dict[str, list[float]]:
    """Milliseconds: `load` of all services, `change` of one member, `observe` when nobody else has
    changed anything. Servers are on a link of the director, 10.9.0.0/16."""
    engine = director.call(NftServices)
    services = [_service(number) for number in range(SERVICES)]
    forwarding = Forwarding(method)
    operations: list[TableOperation] = []
    for number, service in enumerate(services):
        operations.append(AddService(service))
        operations += [
            AddDestination(service.key, _server(number, place, forwarding))
            for place in range(SERVERS)
        ]
    found: dict[str, list[float]] = {"load": [], "change": [], "observe": []}
    try:
        engine.observe()
        began = time.perf_counter()
        failures = engine.apply(operations)
        found["load"].append((time.perf_counter() - began) * 1000)
        if failures:
            raise RuntimeError(failures[0].why)
        engine.observe()
        for run in range(runs):
            service = services[run * 7 % SERVICES]
            one = _server(run * 7 % SERVICES, 3, forwarding)
            changes = (
                RemoveDestination(service.key, one.endpoint),
                AddDestination(service.key, one),
            )
            for change in changes:
                began = time.perf_counter()
                engine.apply([change])
                found["change"].append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            engine.observe()
            found["observe"].append((time.perf_counter() - began) * 1000)
    finally:
        engine.flush()
        engine.close()
    return found


def _service(number: int) -> Service:
    endpoint = Endpoint(IPv4Address("192.0.0.0") + number, 80)
    return Service(ServiceKey(4, Protocol.TCP, endpoint), "wrr")


def _server(number: int, place: int, forwarding: Forwarding) -> Destination:
    address = IPv4Address("10.9.0.0") + ((place + 1) * 256 + number % 250 + 1)
    return Destination(Endpoint(address, 80), 1, forwarding)

"""Virtual servers for tests: values, and the lines of a file that mean them.

Knows how one is made. Must not know what a test expects of it.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

from halod.model.check import CheckTiming, Connection, MiscCheck, TcpCheck
from halod.model.command import Command
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.virtual_server import RealServer, VirtualServer

__all__ = ["endpoint", "misc_check", "real_server", "tcp_check", "virtual_server"]


def endpoint(address: str, port: int = 80) -> Endpoint:
    return Endpoint(ip_address(address), port)


def tcp_check(address: str, port: int = 80) -> TcpCheck:
    return TcpCheck(timing=CheckTiming(), connection=Connection(to=endpoint(address, port)))


def misc_check(*argv: str) -> MiscCheck:
    return MiscCheck(timing=CheckTiming(), command=Command(argv))


def real_server(address: str, port: int = 80, **more: object) -> RealServer:
    plain = RealServer(endpoint=endpoint(address, port), checks=(tcp_check(address, port),))
    return replace(plain, **more)  # type: ignore[arg-type]


def virtual_server(
    address: str, *real_servers: RealServer, port: int = 80, protocol: Protocol = Protocol.TCP
) -> VirtualServer:
    at = endpoint(address, port)
    return VirtualServer(
        name=f"{address} {port}",
        protocol=protocol,
        services=(ServiceKey(at.address.version, protocol, at),),
        real_servers=real_servers,
    )

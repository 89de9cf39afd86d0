"""Checks that were read before it was known whom they ask: thousands of real servers have the same.

Knows what of a check is its server's. Must not know keywords.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from halod.model.check import Check, Connection, FileCheck, MiscCheck, SmtpCheck, TcpCheck
from halod.model.endpoint import Endpoint

__all__ = ["ANY_SERVER", "asked_of"]

_ANYWHERE = IPv4Address(0)
"""Told from the same address in a file by being this very object."""
_ANY_PORT = -1
ANY_SERVER = Endpoint(_ANYWHERE, _ANY_PORT)
"""Stands for the real server."""


def asked_of(server: Endpoint, check: Check) -> Check:
    """The check, of this server."""
    if isinstance(check, MiscCheck | FileCheck):
        return check
    connection = _to(server, check.connection)
    if isinstance(check, TcpCheck):
        return TcpCheck(timing=check.timing, connection=connection)
    if isinstance(check, SmtpCheck):
        hosts = tuple(_to(server, host) for host in check.hosts)
        return replace(check, connection=connection, hosts=hosts)
    return replace(check, connection=connection)


def _to(server: Endpoint, connection: Connection) -> Connection:
    """`connect_ip` and `connect_port` may each stand alone."""
    to = connection.to
    if to is ANY_SERVER:
        to = server
    else:
        address = server.address if to.address is _ANYWHERE else to.address
        to = Endpoint(address, server.port if to.port == _ANY_PORT else to.port)
    return Connection(
        to=to,
        source=connection.source,
        source_port=connection.source_port,
        interface=connection.interface,
        mark=connection.mark,
        timeout=connection.timeout,
    )

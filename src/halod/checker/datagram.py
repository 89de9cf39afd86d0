"""A socket for datagrams with one peer.

Knows how errors that routers and the peer report reach it. Must not know what is sent.
"""

from __future__ import annotations

import socket

from halod.checker.sockets import host_text
from halod.checker.visit import Visit
from halod.model.check import Connection

__all__ = ["open_datagram"]

_IP_RECVERR, _IPV6_RECVERR = 11, 25
"""ip(7), ipv6(7): without them an unreachable host is silence."""


def open_datagram(
    visit: Visit, connection: Connection, kind: int, protocol: int, step: str
) -> None:
    """Connected: nobody else's datagrams are received. `step`: what is waited for."""
    visit.within(connection.timeout.ns, step)
    sock = visit.open(connection, kind, protocol)
    if connection.to.address.version == 4:
        sock.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
    # ICMP has no ports, and IPv6 refuses one.
    sock.connect((host_text(connection.to.address), 0 if protocol else connection.to.port))
    visit.attend()

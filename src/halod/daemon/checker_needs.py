"""What a checker needs that it cannot get once it has given its rights away.

Knows which check takes which right. Must not know how a process gets or drops one. A reload that
changes these needs brings a new process (`checker_keeper`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from halod.model.check import FileCheck, HttpCheck, MiscCheck, PingCheck, SmtpCheck, TlsIdentity
from halod.model.virtual_server import VirtualServer

__all__ = ["CheckerNeeds", "needs_of", "needs_of_one", "together"]

FREE_PORT_MIN = 1024
"""Ports below take CAP_NET_BIND_SERVICE (ip(7); `net.ipv4.ip_unprivileged_port_start`)."""


@dataclass(frozen=True, slots=True)
class CheckerNeeds:
    """Of one configuration."""

    marks: bool = False
    """`fwmark`: CAP_NET_ADMIN (socket(7), SO_MARK)."""
    raw: bool = False
    """PING_CHECK, `bind_if`: CAP_NET_RAW where the kernel has no ping sockets for it, or is older
    than 5.7 (socket(7), SO_BINDTODEVICE)."""
    low_ports: bool = False
    """`bind_port` below 1024: CAP_NET_BIND_SERVICE."""
    identities: frozenset[TlsIdentity | None] = frozenset()
    """Certificates and keys, which root alone may read."""
    http2: frozenset[TlsIdentity | None] = frozenset()
    """Likewise for HTTP/2, whose packages are loaded first; a stranger may not reach them."""


def needs_of(servers: Iterable[VirtualServer]) -> CheckerNeeds:
    """Of the checks that are asked over the network."""
    return together(map(needs_of_one, servers))


def together(needs: Iterable[CheckerNeeds]) -> CheckerNeeds:
    """What it takes to do all of them."""
    # Thousands of virtual servers need one of a few things.
    different = set(needs)
    return CheckerNeeds(
        marks=any(each.marks for each in different),
        raw=any(each.raw for each in different),
        low_ports=any(each.low_ports for each in different),
        identities=frozenset().union(*(each.identities for each in different)),
        http2=frozenset().union(*(each.http2 for each in different)),
    )


def needs_of_one(server: VirtualServer) -> CheckerNeeds:
    """Of the checks of one virtual server."""
    marks = raw = low_ports = False
    identities: set[TlsIdentity | None] = set()
    http2: set[TlsIdentity | None] = set()
    for real in server.real_servers:
        for check in real.checks:
            if isinstance(check, MiscCheck | FileCheck):
                continue
            hosts = check.hosts if isinstance(check, SmtpCheck) else ()
            for connection in (check.connection, *hosts):
                marks |= bool(connection.mark)
                raw |= bool(connection.interface)
                low_ports |= 0 < connection.source_port < FREE_PORT_MIN
            raw |= isinstance(check, PingCheck)
            if isinstance(check, HttpCheck):
                if check.tls:
                    identities.add(check.identity)
                if check.version == "2":
                    http2.add(check.identity if check.tls else None)
    return CheckerNeeds(marks, raw, low_ports, frozenset(identities), frozenset(http2))

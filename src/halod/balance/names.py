"""What virtual and real servers are called in lines, mails and messages.

Knows keepalived's forms, which programs of operators read. Must not know what is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from halod.model.check import (
    Check,
    DnsCheck,
    FileCheck,
    HttpCheck,
    MiscCheck,
    PingCheck,
    SmtpCheck,
    TcpCheck,
    UdpCheck,
)
from halod.model.endpoint import Endpoint, Protocol
from halod.model.virtual_server import VirtualServer

__all__ = ["check_kind", "check_outcome", "real_name", "virtual_names"]

GROUP = "group "


def virtual_names(
    servers: Iterable[VirtualServer], known: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Title to name: `[10.0.0.1]:tcp:80`, `FWM 3`, and `[web]:0` for the first virtual server of
    the group web, `[web]:1` for the second. `known`: what this said of others."""
    known = known or {}
    names: dict[str, str] = {}
    of_group: dict[str, int] = {}
    for server in servers:
        title = server.title
        if server.name.startswith(GROUP):
            group = server.name.removeprefix(GROUP)
            number = of_group.get(group, 0)
            of_group[group] = number + 1
            names[title] = f"[{group}]:{number}"
        elif title in known:
            # Of a title that is no group's it is always the same.
            names[title] = known[title]
        elif server.services and server.services[0].endpoint is None:
            # keepalived writes no 6 here, whatever the family is.
            names[title] = f"FWM {server.services[0].mark}"
        else:
            names[title] = str(server.services[0]) if server.services else title
    return names


def real_name(endpoint: Endpoint, protocol: Protocol | None) -> str:
    """`[10.0.0.9]:tcp:80`; behind a firewall mark `[10.0.0.9]:none:80`."""
    return f"[{endpoint.address}]:{protocol.word if protocol else 'none'}:{endpoint.port}"


def check_kind(check: Check) -> str:
    """The keyword that made it."""
    match check:
        case HttpCheck(tls=tls):
            return "SSL_GET" if tls else "HTTP_GET"
        case _:
            return _KINDS[type(check)]


def check_outcome(check: Check, *, up: bool) -> str:
    """First line of a mail about it, in keepalived's words."""
    match check:
        case HttpCheck() if not up:
            return "=> CHECK failed on service : HTTP request failed <="
        case HttpCheck() | SmtpCheck():
            return f"=> CHECK {_SUCCEED[up]} on service <="
        case DnsCheck():
            return f"=> DNS_CHECK: {_SUCCEED[up]} on service <="
        case MiscCheck():
            return f"=> MISC CHECK {'succeeded' if up else 'failed'} on service <="
        case PingCheck():
            return f"=> ICMP CHECK {_SUCCEED[up]} on service <="
        case _:
            kind = check_kind(check).replace("_", " ")
            return f"=> {kind} {_SUCCEED[up]} on service <="


_SUCCEED = {True: "succeed", False: "failed"}
_KINDS: dict[type, str] = {
    TcpCheck: "TCP_CHECK",
    UdpCheck: "UDP_CHECK",
    SmtpCheck: "SMTP_CHECK",
    DnsCheck: "DNS_CHECK",
    MiscCheck: "MISC_CHECK",
    PingCheck: "PING_CHECK",
    FileCheck: "FILE_CHECK",
}

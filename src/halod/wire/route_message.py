"""NEWROUTE, DELROUTE, NEWRULE and DELRULE as bytes (rtnetlink(7), linux/fib_rules.h).

    struct rtmsg                          struct fib_rule_hdr
    +--------+--------+--------+------+   +--------+--------+--------+------+
    | family |dst_len |src_len | tos  |   | family |dst_len |src_len | tos  |
    +--------+--------+--------+------+   +--------+--------+--------+------+
    | table  |protocol| scope  | type |   | table  |   0    |   0    |action|
    +--------+--------+--------+------+   +--------+--------+--------+------+
    |              flags              |   |              flags              |
    +---------------------------------+   +---------------------------------+

Knows the structures. Must not know sockets, nor the names of tables and interfaces: it is given
numbers. The kernel deletes the route, or rule, that has all that a deletion names.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Network

from halod.model.address import IpAddress
from halod.model.routing import (
    PROTOCOL_KEEPALIVED,
    NextHop,
    Route,
    RouteKind,
    Rule,
    RuleAction,
)
from halod.wire.netlink import attribute

__all__ = ["encode_local", "encode_local_dump", "encode_route", "encode_rule"]

_HEADER = struct.Struct("=BBBBBBBBI")
_NEXT_HOP = struct.Struct("=HBBi")
_U32 = struct.Struct("=I")
_U16_PAIR = struct.Struct("=HH")
_U32_PAIR = struct.Struct("=II")

_AF_INET, _AF_INET6 = 2, 10
_FAMILY = {IPv4Network: _AF_INET, IPv6Network: _AF_INET6}
_RTA_DST, _RTA_OIF, _RTA_GATEWAY, _RTA_PRIORITY, _RTA_PREFSRC = 1, 4, 5, 6, 7
_RTA_METRICS, _RTA_MULTIPATH, _RTA_TABLE, _RTA_VIA = 8, 9, 15, 18
_RTAX_LOCK = 1
_RTNH_ONLINK = 4
_SCOPE_GLOBAL, _SCOPE_HOST = 0, 254
_RT_TABLE_LOCAL, _PROTOCOL_KERNEL = 255, 2
_TABLE_UNSPECIFIED = 0
"""In the header where the number takes more than 8 bits; the attribute has it then."""

_FRA_DST, _FRA_SRC, _FRA_IIFNAME, _FRA_GOTO, _FRA_PRIORITY, _FRA_FWMARK = 1, 2, 3, 4, 6, 10
_FRA_FLOW, _FRA_TUN_ID, _FRA_SUPPRESS_IFGROUP, _FRA_SUPPRESS_PREFIXLEN = 11, 12, 13, 14
_FRA_TABLE, _FRA_FWMASK, _FRA_OIFNAME, _FRA_L3MDEV, _FRA_UID_RANGE = 15, 16, 17, 19, 20
_FRA_PROTOCOL, _FRA_IP_PROTO, _FRA_SPORT_RANGE, _FRA_DPORT_RANGE = 21, 22, 23, 24
_FIB_RULE_INVERT = 2


def encode_route(route: Route, table: int, indexes: Mapping[str, int]) -> bytes:
    """Payload of NEWROUTE or DELROUTE. `table`: its number, 1 to 4294967295.

    KeyError: `indexes` has no interface of that name.
    """
    destination = route.destination
    scope = route.scope
    if scope is None:
        scope = _SCOPE_HOST if route.kind is RouteKind.LOCAL else _SCOPE_GLOBAL
    single = route.hops[0] if len(route.hops) == 1 else None
    header = _HEADER.pack(
        _FAMILY[type(destination)],
        destination.prefixlen,
        0,
        route.tos,
        table if table < 256 else _TABLE_UNSPECIFIED,
        route.protocol,
        scope,
        route.kind.value,
        _RTNH_ONLINK if single is not None and single.onlink else 0,
    )
    body = attribute(_RTA_TABLE, _U32.pack(table))
    body += attribute(_RTA_DST, destination.network_address.packed)
    if route.metric is not None:
        body += attribute(_RTA_PRIORITY, _U32.pack(route.metric))
    if route.source is not None:
        body += attribute(_RTA_PREFSRC, route.source.packed)
    if single is not None:
        body += _way(single, destination, indexes)
    elif route.hops:
        each = b"".join(_next_hop(hop, destination, indexes) for hop in route.hops)
        body += attribute(_RTA_MULTIPATH, each)
    if route.metrics:
        body += attribute(_RTA_METRICS, _metrics(route))
    return header + body


def encode_local(address: IPv4Address, index: int) -> bytes:
    """Payload of DELROUTE for the kernel's own route to an address of this host."""
    header = _HEADER.pack(
        _AF_INET,
        address.max_prefixlen,
        0,
        0,
        _RT_TABLE_LOCAL,
        _PROTOCOL_KERNEL,
        _SCOPE_HOST,
        RouteKind.LOCAL.value,
        0,
    )
    return header + attribute(_RTA_DST, address.packed) + attribute(_RTA_OIF, _U32.pack(index))


def encode_local_dump(index: int) -> bytes:
    """Payload of GETROUTE with the flag DUMP, for a strict socket: the kernel's own routes of IPv6
    to addresses on one link."""
    header = _HEADER.pack(_AF_INET6, 0, 0, 0, _RT_TABLE_LOCAL, 0, 0, RouteKind.LOCAL.value, 0)
    return header + attribute(_RTA_OIF, _U32.pack(index))


def _way(hop: NextHop, destination: IPv4Network | IPv6Network, indexes: Mapping[str, int]) -> bytes:
    body = b""
    if hop.gateway is not None:
        body += _gateway(hop.gateway, destination)
    if hop.interface is not None:
        body += attribute(_RTA_OIF, _U32.pack(indexes[hop.interface]))
    return body


def _gateway(gateway: IpAddress, destination: IPv4Network | IPv6Network) -> bytes:
    if gateway.version == destination.version:
        return attribute(_RTA_GATEWAY, gateway.packed)
    # IPv4 by an IPv6 neighbour (RFC 8950; Linux 5.2): struct rtvia.
    family = _AF_INET if isinstance(gateway, IPv4Address) else _AF_INET6
    return attribute(_RTA_VIA, struct.pack("=H", family) + gateway.packed)


def _next_hop(
    hop: NextHop, destination: IPv4Network | IPv6Network, indexes: Mapping[str, int]
) -> bytes:
    """struct rtnexthop: its gateway follows as an attribute, and its weight counts from 0."""
    body = b"" if hop.gateway is None else _gateway(hop.gateway, destination)
    index = 0 if hop.interface is None else indexes[hop.interface]
    flags = _RTNH_ONLINK if hop.onlink else 0
    return _NEXT_HOP.pack(_NEXT_HOP.size + len(body), flags, hop.weight - 1, index) + body


def _metrics(route: Route) -> bytes:
    body = b"".join(attribute(number, _U32.pack(value)) for number, value in route.metrics)
    if route.locked:
        lock = sum(1 << number for number in route.locked)
        body = attribute(_RTAX_LOCK, _U32.pack(lock)) + body
    return body


def encode_rule(rule: Rule, table: int | None) -> bytes:
    """Payload of NEWRULE or DELRULE. `table`: its number; None: it looks into none."""
    source, destination = rule.source, rule.destination
    header = _HEADER.pack(
        _AF_INET6 if rule.is_ipv6 else _AF_INET,
        0 if destination is None else destination.prefixlen,
        0 if source is None else source.prefixlen,
        rule.tos,
        _TABLE_UNSPECIFIED if table is None or table > 255 else table,
        0,
        0,
        rule.action.value,
        _FIB_RULE_INVERT if rule.inverted else 0,
    )
    body = attribute(_FRA_PRIORITY, _U32.pack(rule.preference))
    body += attribute(_FRA_PROTOCOL, bytes([PROTOCOL_KEEPALIVED]))
    if destination is not None and destination.prefixlen:
        body += attribute(_FRA_DST, destination.network_address.packed)
    if source is not None and source.prefixlen:
        body += attribute(_FRA_SRC, source.network_address.packed)
    for type_, name in ((_FRA_IIFNAME, rule.incoming), (_FRA_OIFNAME, rule.outgoing)):
        if name is not None:
            body += attribute(type_, name.encode() + b"\0")
    for type_, number in (
        (_FRA_TABLE, table),
        (_FRA_GOTO, rule.target if rule.action is RuleAction.GOTO else None),
        (_FRA_FWMARK, rule.mark),
        (_FRA_FWMASK, None if rule.mark is None else rule.mark_mask),
        (_FRA_FLOW, rule.realms),
        (_FRA_SUPPRESS_PREFIXLEN, rule.suppress_prefix_length),
        (_FRA_SUPPRESS_IFGROUP, rule.suppress_group),
    ):
        if number is not None:
            body += attribute(type_, _U32.pack(number))
    return header + body + _narrower(rule)


def _narrower(rule: Rule) -> bytes:
    """What newer kernels look at besides (Linux 4.10 to 4.17)."""
    body = b""
    if rule.tunnel is not None:
        body += attribute(_FRA_TUN_ID, struct.pack(">Q", rule.tunnel))
    if rule.users is not None:
        body += attribute(_FRA_UID_RANGE, _U32_PAIR.pack(*rule.users))
    if rule.protocol is not None:
        body += attribute(_FRA_IP_PROTO, bytes([rule.protocol]))
    if rule.source_ports is not None:
        body += attribute(_FRA_SPORT_RANGE, _U16_PAIR.pack(*rule.source_ports))
    if rule.destination_ports is not None:
        body += attribute(_FRA_DPORT_RANGE, _U16_PAIR.pack(*rule.destination_ports))
    if rule.master:
        body += attribute(_FRA_L3MDEV, b"\1")
    return body

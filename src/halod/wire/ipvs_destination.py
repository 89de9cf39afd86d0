"""Destinations of IPVS as bytes and back; `ipvs.py` has the frame.

Knows `linux/ip_vs.h`, and in which order today's kernels write a destination. Must not know
services, nor sockets.

A table of tens of thousands is read again and again, and each destination comes with two lots of
counters that nobody asked for. Linux since 5.4 writes what is wanted of it first, always in this
order, so that it lies at the same places in every message:

    genlmsghdr, DEST (nested): ADDR, PORT, FWD_METHOD, WEIGHT, TUN_TYPE, TUN_PORT, TUN_FLAGS,
    U_THRESH, L_THRESH, ACTIVE_CONNS, INACT_CONNS, PERSIST_CONNS, ADDR_FAMILY, and then counters

What lies otherwise is read attribute by attribute.
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

from halod.model.address import IpAddress
from halod.model.endpoint import Endpoint
from halod.model.service_table import Destination, DestinationCounters
from halod.model.virtual_server import Forwarding, Method, Tunnel
from halod.wire import generic_netlink
from halod.wire.ipvs_attributes import (
    BE16,
    U8,
    U16,
    U32,
    U64,
    Attributes,
    DestAttribute,
    StatsAttribute,
    TopAttribute,
    nest,
    nested,
    number,
)
from halod.wire.netlink import DecodeError, attribute, attributes

__all__ = ["ADDRESS_BYTES", "AF_OF", "FAMILY_OF", "decode_counters", "decode_destination"]
__all__ += ["encode_destination", "encode_endpoint", "packed", "read_counters"]
__all__ += ["read_destination", "read_endpoint"]

ADDRESS_BYTES = 16
_AF_INET, _AF_INET6 = 2, 10
FAMILY_OF = {_AF_INET: 4, _AF_INET6: 6}
AF_OF = {4: _AF_INET, 6: _AF_INET6}
_METHODS = {Method.NAT: 0, Method.TUN: 2, Method.DR: 3}
_METHOD_OF = {number: method for method, number in _METHODS.items()}
_TUNNELS = {tunnel.value: tunnel for tunnel in Tunnel}
_PLAIN = {_METHODS[method]: Forwarding(method) for method in (Method.NAT, Method.DR)}

_LAID_OUT: tuple[tuple[DestAttribute, str, str], ...] = (
    (DestAttribute.ADDR, "16s", ""),
    (DestAttribute.PORT, "2s", "2x"),
    (DestAttribute.FWD_METHOD, "I", ""),
    (DestAttribute.WEIGHT, "I", ""),
    (DestAttribute.TUN_TYPE, "B", "3x"),
    (DestAttribute.TUN_PORT, "2s", "2x"),
    (DestAttribute.TUN_FLAGS, "H", "2x"),
    (DestAttribute.U_THRESH, "I", ""),
    (DestAttribute.L_THRESH, "I", ""),
    (DestAttribute.ACTIVE_CONNS, "I", ""),
    (DestAttribute.INACT_CONNS, "I", ""),
    (DestAttribute.PERSIST_CONNS, "I", ""),
    (DestAttribute.ADDR_FAMILY, "H", "2x"),
)
_LAYOUT = struct.Struct("=4xHH" + "".join(f"I{shape}{gap}" for _, shape, gap in _LAID_OUT))
"""Behind the command: length and type of the nest, then each attribute's head and value."""


_HEADS = tuple(
    U32.unpack(struct.pack("=HH", 4 + struct.calcsize(f"={shape}"), type_))[0]
    for type_, shape, _ in _LAID_OUT
)
_NESTS = (TopAttribute.DEST, TopAttribute.DEST | 0x8000)
"""Kernels do not mark it as a nest."""


def encode_endpoint(endpoint: Endpoint) -> bytes:
    """DEST as far as it identifies one of a service."""
    return nest(TopAttribute.DEST, _endpoint(endpoint))


def encode_destination(destination: Destination) -> bytes:
    """DEST in full."""
    forwarding = destination.forwarding
    body = _endpoint(destination.endpoint)
    body += attribute(DestAttribute.FWD_METHOD, U32.pack(_METHODS[forwarding.method]))
    body += attribute(DestAttribute.WEIGHT, U32.pack(destination.weight))
    body += attribute(DestAttribute.U_THRESH, U32.pack(destination.threshold_upper))
    body += attribute(DestAttribute.L_THRESH, U32.pack(destination.threshold_lower))
    if forwarding.method is Method.TUN:
        body += attribute(DestAttribute.TUN_TYPE, U8.pack(forwarding.tunnel.value))
        body += attribute(DestAttribute.TUN_PORT, BE16.pack(forwarding.tunnel_port))
        body += attribute(DestAttribute.TUN_FLAGS, U16.pack(forwarding.tunnel_flags))
    return nest(TopAttribute.DEST, body)


def read_destination(payload: bytes, family: int) -> Destination:
    """From a NEW_DEST message, with its command; otherwise as `decode_destination`."""
    laid = _LAYOUT.unpack_from(payload) if len(payload) >= _LAYOUT.size else ()
    if laid[2::2] != _HEADS or not _is_nest(*laid[:2]) or laid[-1] not in FAMILY_OF:
        return decode_destination(attributes(payload, generic_netlink.HEADER_BYTES), family)
    address, port, method, weight, tunnel, tunnel_port, tunnel_flags, upper, lower = laid[3:21:2]
    return Destination(
        Endpoint(_address(address, FAMILY_OF[laid[-1]]), int.from_bytes(port, "big")),
        weight,
        _forwarding(method, tunnel, int.from_bytes(tunnel_port, "big"), tunnel_flags),
        upper,
        lower,
    )


def decode_destination(top: Attributes, family: int) -> Destination:
    """From a NEW_DEST message; `family` of the service, for kernels before 3.18 do not tell that of
    the destination. Raises DecodeError."""
    found = nested(top, TopAttribute.DEST)
    if DestAttribute.ADDR_FAMILY in found:
        family = FAMILY_OF.get(number(U16, found, DestAttribute.ADDR_FAMILY), family)
    tunnel = (0, 0, 0)
    if DestAttribute.TUN_TYPE in found:
        tunnel = (
            number(U8, found, DestAttribute.TUN_TYPE),
            number(BE16, found, DestAttribute.TUN_PORT),
            number(U16, found, DestAttribute.TUN_FLAGS),
        )
    return Destination(
        read_endpoint(found, family, DestAttribute.ADDR, DestAttribute.PORT),
        number(U32, found, DestAttribute.WEIGHT),
        _forwarding(number(U32, found, DestAttribute.FWD_METHOD), *tunnel),
        number(U32, found, DestAttribute.U_THRESH),
        number(U32, found, DestAttribute.L_THRESH),
    )


def read_counters(payload: bytes) -> DestinationCounters:
    """From a NEW_DEST message, with its command; raises DecodeError."""
    return decode_counters(attributes(payload, generic_netlink.HEADER_BYTES))


def decode_counters(top: Attributes) -> DestinationCounters:
    """From the same message as `decode_destination`; raises DecodeError."""
    found = nested(top, TopAttribute.DEST)
    active = number(U32, found, DestAttribute.ACTIVE_CONNS)
    inactive = number(U32, found, DestAttribute.INACT_CONNS)
    if DestAttribute.STATS64 in found:
        counted = nested(found, DestAttribute.STATS64)
        connections = number(U64, counted, StatsAttribute.CONNS)
    else:  # Linux before 4.1
        counted = nested(found, DestAttribute.STATS)
        connections = number(U32, counted, StatsAttribute.CONNS)
    bytes_in = number(U64, counted, StatsAttribute.INBYTES)
    bytes_out = number(U64, counted, StatsAttribute.OUTBYTES)
    return DestinationCounters(active, inactive, connections, bytes_in, bytes_out)


def _is_nest(length: int, type_: int) -> bool:
    return type_ in _NESTS and length >= _LAYOUT.size - generic_netlink.HEADER_BYTES


def _endpoint(endpoint: Endpoint) -> bytes:
    body = attribute(DestAttribute.ADDR, packed(endpoint.address))
    body += attribute(DestAttribute.PORT, BE16.pack(endpoint.port))
    family = AF_OF[endpoint.address.version]
    return body + attribute(DestAttribute.ADDR_FAMILY, U16.pack(family))


def read_endpoint(found: Attributes, family: int, address_at: int, port_at: int) -> Endpoint:
    """From attributes of these types; raises DecodeError."""
    address = found.get(address_at, b"")
    if len(address) != ADDRESS_BYTES:
        raise DecodeError("length of an address")
    return Endpoint(_address(address, family), number(BE16, found, port_at))


def _address(value: bytes, family: int) -> IpAddress:
    if family == 6:
        return IPv6Address(value)
    return IPv4Address(int.from_bytes(value[:4], "big"))


def _forwarding(method: int, tunnel: int, port: int, flags: int) -> Forwarding:
    """Raises DecodeError. What is no tunnel has no type of one, whatever stands there."""
    if method in _PLAIN:
        return _PLAIN[method]
    if method not in _METHOD_OF:
        raise DecodeError(f"forwarding method {method}")
    if tunnel not in _TUNNELS:
        raise DecodeError(f"type of tunnel {tunnel}")
    return Forwarding(_METHOD_OF[method], _TUNNELS[tunnel], port, flags)


def packed(address: IpAddress) -> bytes:
    """16 bytes, whatever the family."""
    return address.packed.ljust(ADDRESS_BYTES, b"\0")

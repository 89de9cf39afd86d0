"""Connection tracking over nfnetlink: which flows were translated to a server, and their end.

    GET, dump, CTA_FILTER: the reply comes from this server  ──>  NEW: CTA_TUPLE_ORIG, _REPLY
    DELETE, CTA_TUPLE_ORIG as it was told

Knows `linux/netfilter/nfnetlink_conntrack.h`. Must not know sockets, nor why a flow is to end.
Kernels before 5.8 do not filter: what a dump tells is looked at again.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from halod.model.endpoint import Endpoint
from halod.wire.netlink import DecodeError, Message, attribute, attributes
from halod.wire.nfnetlink import body, head, nest

__all__ = ["DELETE", "GET", "TrackedFlow", "decode_flow", "encode_end", "encode_query"]

GET, DELETE = 0x0101, 0x0102
"""IPCTNL_MSG_CT_*: NFNL_SUBSYS_CTNETLINK in the upper byte."""

_AF = {4: 2, 6: 10}
_TUPLE_ORIG, _TUPLE_REPLY, _FILTER = 1, 2, 25
_IP, _PROTO = 1, 2
_SOURCE = {4: 1, 6: 3}
_TARGET = {4: 2, 6: 4}
_PROTO_NUMBER, _PROTO_SOURCE, _PROTO_TARGET = 1, 2, 3
_REPLY_FLAGS = 2
_BY_ADDRESS, _BY_PORT = 0x01, 0x08 | 0x10
"""CTA_FILTER_F_CTA_IP_SRC; _PROTO_NUM and _PROTO_SRC_PORT (net/netfilter/nf_internals.h)."""
_FILTERS = {4: _BY_ADDRESS | _BY_PORT, 6: _BY_PORT}
"""By an IPv6 address the kernel (6.18) gives those that differ: its comparison is inverted."""


@dataclass(frozen=True, slots=True)
class TrackedFlow:
    asked: Endpoint
    """Where the client sent to."""
    server: Endpoint
    """Who answers."""
    protocol: int
    original: bytes
    """CTA_TUPLE_ORIG, by which it is named."""


def encode_query(server: Endpoint, protocol: int) -> bytes:
    """For a dump of GET: flows that this server answers."""
    version = server.address.version
    source = nest(_IP, attribute(_SOURCE[version], server.address.packed))
    whose = attribute(_PROTO_NUMBER, bytes((protocol,)))
    whose += attribute(_PROTO_SOURCE, server.port.to_bytes(2, "big"))
    reply = nest(_TUPLE_REPLY, source + nest(_PROTO, whose))
    # Of both directions: the kernel asks for the flags of the first, too.
    flags = attribute(1, bytes(4)) + attribute(_REPLY_FLAGS, struct.pack("=I", _FILTERS[version]))
    return head(_AF[version]) + reply + nest(_FILTER, flags)


def decode_flow(message: Message) -> TrackedFlow:
    """Raises DecodeError, for one without ports, too."""
    found = body(message)
    original, reply = found.get(_TUPLE_ORIG, b""), found.get(_TUPLE_REPLY, b"")
    asked, protocol = _end(original, _TARGET, _PROTO_TARGET)
    server, _ = _end(reply, _SOURCE, _PROTO_SOURCE)
    return TrackedFlow(asked, server, protocol, original)


def encode_end(flow: TrackedFlow) -> bytes:
    """For DELETE."""
    return head(_AF[flow.asked.address.version]) + nest(_TUPLE_ORIG, flow.original)


def _end(tuple_: bytes, which: dict[int, int], which_port: int) -> tuple[Endpoint, int]:
    """An end of a tuple, and the protocol."""
    parts = attributes(tuple_, 0)
    addresses = attributes(parts.get(_IP, b""), 0)
    protocol = attributes(parts.get(_PROTO, b""), 0)
    number, port = protocol.get(_PROTO_NUMBER, b""), protocol.get(which_port, b"")
    v4, v6 = addresses.get(which[4], b""), addresses.get(which[6], b"")
    if len(number) != 1 or len(port) != 2 or (len(v4), len(v6)) not in ((4, 0), (0, 16)):
        raise DecodeError("a flow without ports or addresses")
    address = IPv4Address(v4) if v4 else IPv6Address(v6)
    return Endpoint(address, int.from_bytes(port, "big")), number[0]

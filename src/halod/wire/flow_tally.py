"""How many flows each server has, from dumps of connection tracking and of the maps of flows.

    conntrack, payload of NEW, L bytes an address:
        nfgenmsg 4 | CTA_TUPLE_ORIG 44+2L: {IP {src, dst}, PROTO {number, sport, dport}}
                   | CTA_TUPLE_REPLY 44+2L, likewise | … CTA_PROTOINFO {TCP {STATE}} …

The kernel lays each tuple out in this one way (`nf_conntrack_netlink.c`); one that looks otherwise
has no ports, or is in a zone, and is no flow of ours. There may be a hundred thousand of them: they
are looked at in place, and taken apart only where two differ.

Knows these two dumps. Must not know sockets, nor whose a flow is.
"""

from __future__ import annotations

import struct
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from halod.model.endpoint import Endpoint
from halod.wire.netlink import DecodeError, attribute
from halod.wire.nfnetlink import HEAD_BYTES, head

__all__ = ["FLOW_MAPS", "FlowEnds", "count_direct", "count_translated", "encode_translated"]
__all__ += ["read_ends"]

FLOW_MAPS = (("tcp", True), ("closing", False), ("udp", True), ("sctp", True))
"""Maps of flows of DR, and whether a flow in one goes on; each has a number behind its name, 4 or
6."""

_ATTRIBUTE = struct.Struct("=HH")
_AF = {4: 2, 6: 10}
_LENGTHS = {4: 4, 6: 16}
_STATUS, _STATUS_MASK = 3, 26
_TRANSLATED = (1 << 5).to_bytes(4, "big")
"""IPS_DST_NAT."""
_PROTOINFO, _PROTOINFO_TCP, _TCP_STATE = 4, 1, 1
_TYPE = 0x3FFF
_TCP, _ESTABLISHED = 6, 3
"""TCP_CONNTRACK_ESTABLISHED."""
_KEY, _DATA, _ELEMENTS, _ELEMENT = 1, 2, 3, 1


@dataclass(frozen=True, slots=True)
class FlowEnds:
    """What flows have in common."""

    asked: Endpoint
    """Where clients sent to."""
    server: Endpoint
    """Who answers."""
    protocol: int


def encode_translated(version: int) -> bytes:
    """For a dump of GET: flows whose target was translated. Kernels before 5.9 tell of all."""
    wanted = attribute(_STATUS, _TRANSLATED) + attribute(_STATUS_MASK, _TRANSLATED)
    return head(_AF[version]) + wanted


def count_translated(payload: bytes, found: Counter[tuple[bytes, bool]]) -> None:
    """Counts the flow of one message by what `read_ends` takes, and whether it is established; of
    protocols other than TCP each is."""
    version = 4 if payload[:1] == b"\2" else 6
    length = _LENGTHS[version]
    tuple_bytes = 44 + 2 * length
    reply = 4 + tuple_bytes
    behind = reply + tuple_bytes
    if len(payload) < behind:
        return
    if not (_length_at(payload, 4) == tuple_bytes == _length_at(payload, reply)):
        return
    target, protocol_at, port = 20 + length, 28 + 2 * length, 44 + 2 * length
    server_port = reply + 32 + 2 * length
    protocol = payload[protocol_at]
    key = (
        bytes((version, protocol))
        + payload[port : port + 2]
        + payload[server_port : server_port + 2]
        + payload[target : target + length]
        + payload[reply + 12 : reply + 12 + length]
    )
    found[key, protocol != _TCP or _tcp_state(payload, behind) == _ESTABLISHED] += 1


def read_ends(key: bytes) -> FlowEnds:
    """What stands behind a key of `count_translated`."""
    make = IPv4Address if key[0] == 4 else IPv6Address
    length = _LENGTHS[key[0]]
    asked, server = key[6 : 6 + length], key[6 + length :]
    ports = (int.from_bytes(key[at : at + 2], "big") for at in (2, 4))
    return FlowEnds(Endpoint(make(asked), next(ports)), Endpoint(make(server), next(ports)), key[1])


def count_direct(payload: bytes, found: Counter[int]) -> None:
    """Counts the flows of one NEWSETELEM message of a map of DR by the number of their server;
    raises DecodeError."""
    for type_, start, end in _each(payload, HEAD_BYTES, len(payload)):
        if type_ == _ELEMENTS:
            for _, first, last in _each(payload, start, end):
                number = _server_of(payload, first, last)
                if number is not None:
                    found[number] += 1


def _server_of(payload: bytes, start: int, end: int) -> int | None:
    """The second word of an element's value; see `nft_balancing`."""
    for type_, first, last in _each(payload, start, end):
        if type_ == _DATA:
            # NFTA_DATA_VALUE has a header of its own.
            value = payload[first + _ATTRIBUTE.size : last]
            return int.from_bytes(value[4:8], sys.byteorder) if len(value) >= 8 else None
    return None


def _tcp_state(payload: bytes, offset: int) -> int | None:
    try:
        for type_, start, end in _each(payload, offset, len(payload)):
            if type_ == _PROTOINFO:
                for _, first, last in _each(payload, start, end):
                    for kind, at, _ in _each(payload, first, last):
                        if kind == _TCP_STATE:
                            return payload[at]
    except DecodeError:
        return None
    return None


def _each(payload: bytes, offset: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Type, start and end of each attribute in place; raises DecodeError."""
    while offset + _ATTRIBUTE.size <= end:
        length, type_ = _ATTRIBUTE.unpack_from(payload, offset)
        if length < _ATTRIBUTE.size or offset + length > end:
            raise DecodeError("attribute length does not fit")
        yield type_ & _TYPE, offset + _ATTRIBUTE.size, offset + length
        offset += length + (-length % 4)


def _length_at(payload: bytes, offset: int) -> int:
    return int(_ATTRIBUTE.unpack_from(payload, offset)[0])

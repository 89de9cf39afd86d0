"""The IPv6 datagram without extension headers (RFC 8200, 3).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |Version| Traffic Class |           Flow Label                  |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |         Payload Length        |  Next Header  |   Hop Limit   |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                    Source Address (16 bytes)                  |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                  Destination Address (16 bytes)               |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

Knows the header. Must not know what it carries. A raw socket of IPv6 keeps the header to itself:
who reads from one puts it together again from what the kernel says beside the payload, and so both
families are one thing to those above. Traffic class and flow label are left 0.
"""

from __future__ import annotations

import struct
from ipaddress import IPv6Address

from halod.model.event import AdvertReceived
from halod.wire.envelope import PROTOCOL

__all__ = ["HEADER_BYTES", "HOP_LIMIT", "PAYLOAD_LENGTH", "PLAIN", "SAYING"]
__all__ += ["datagram", "decode", "encode", "payload_length", "saying"]

PLAIN = 0x60
"""First byte: version 6, traffic class 0."""
PAYLOAD_LENGTH = slice(4, 6)
HOP_LIMIT = 7
SAYING = slice(8, None)
"""Addresses and content: what a datagram says."""

_HEADER = struct.Struct("!IHBB16s16s")
HEADER_BYTES = _HEADER.size
_FIRST_WORD = PLAIN << 24


def datagram(source: bytes, destination: bytes, hop_limit: int, payload: bytes) -> bytes:
    """A payload with its header before it. Addresses: 16 bytes each."""
    length = len(payload)
    return _HEADER.pack(_FIRST_WORD, length, PROTOCOL, hop_limit, source, destination) + payload


def decode(interface: str, packet: bytes) -> AdvertReceived | None:
    """What came; None where its lengths do not fit, or another header follows."""
    if len(packet) < _HEADER.size:
        return None
    _, length, following, hop_limit, source, destination = _HEADER.unpack_from(packet)
    if following != PROTOCOL or _HEADER.size + length > len(packet):
        return None
    return AdvertReceived(
        interface,
        IPv6Address(source),
        IPv6Address(destination),
        hop_limit,
        packet[_HEADER.size : _HEADER.size + length],
    )


def saying(event: AdvertReceived) -> bytes:
    """What the bytes SAYING of its datagram are."""
    return event.source.packed + event.destination.packed + event.payload


def payload_length(event: AdvertReceived) -> bytes:
    """What its bytes PAYLOAD_LENGTH are."""
    return len(event.payload).to_bytes(2, "big")


def encode(event: AdvertReceived, traffic_class: int = 0) -> bytes:
    """The datagram that would be decoded to this; `traffic_class`: 0 to 255."""
    ends = event.source.packed, event.destination.packed
    word = _FIRST_WORD | traffic_class << 20
    header = _HEADER.pack(word, len(event.payload), PROTOCOL, event.ttl, *ends)
    return header + event.payload

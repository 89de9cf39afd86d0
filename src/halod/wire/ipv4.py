"""The IPv4 datagram as a raw socket hands it over (RFC 791, 3.1).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |Version|  IHL  |Type of Service|          Total Length         |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |         Identification        |Flags|      Fragment Offset    |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |  Time to Live |    Protocol   |         Header Checksum       |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                       Source Address                          |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                    Destination Address                        |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

Knows the header. Must not know what it carries. The kernel has checked the header's checksum and
put fragments together. Two datagrams that say the same differ in identification and checksum alone.
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address

from halod.model.event import AdvertReceived
from halod.wire.checksum import internet_checksum
from halod.wire.envelope import PROTOCOL

__all__ = ["PLAIN", "SAYING", "TOTAL_LENGTH", "TTL", "decode", "encode"]
__all__ += ["saying", "total_length"]

TOTAL_LENGTH = slice(2, 4)
TTL = 8
SAYING = slice(12, None)
"""Addresses and content: what a datagram says, where it has no options."""
PLAIN = 0x45
"""First byte: version 4, and five words of header, so no options."""

_HEADER = struct.Struct("!BBHHHBBH4s4s")


def decode(interface: str, packet: bytes) -> AdvertReceived | None:
    """What came; None where its lengths do not fit."""
    if len(packet) < _HEADER.size:
        return None
    header = (packet[0] & 0x0F) * 4
    total = int.from_bytes(packet[TOTAL_LENGTH], "big")
    if header < _HEADER.size or not header <= total <= len(packet):
        return None
    return AdvertReceived(
        interface,
        IPv4Address(packet[12:16]),
        IPv4Address(packet[16:20]),
        packet[TTL],
        packet[header:total],
    )


def saying(event: AdvertReceived) -> bytes:
    """What the bytes SAYING of its datagram would be without options."""
    return event.source.packed + event.destination.packed + event.payload


def total_length(event: AdvertReceived) -> bytes:
    """What its bytes TOTAL_LENGTH would be without options."""
    return (_HEADER.size + len(event.payload)).to_bytes(2, "big")


def encode(event: AdvertReceived, identification: int = 0) -> bytes:
    """The datagram without options that would be decoded to this."""

    def header(checksum: int) -> bytes:
        return _HEADER.pack(
            PLAIN,
            0,
            _HEADER.size + len(event.payload),
            identification,
            0,
            event.ttl,
            PROTOCOL,
            checksum,
            event.source.packed,
            event.destination.packed,
        )

    return header(internet_checksum(header(0))) + event.payload

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

Knows the header, and where it carries an Authentication Header before the message. Must not know
what the message says. The kernel has checked the header's checksum and
put fragments together. Two datagrams that say the same differ in identification and checksum alone.
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address
from typing import NamedTuple

from halod.model.address import IpAddress
from halod.model.auth_header import AUTH_HEADER_BYTES, AuthHeader
from halod.model.event import AdvertReceived
from halod.wire.checksum import internet_checksum
from halod.wire.envelope import PROTOCOL, PROTOCOL_AH

__all__ = ["INTERNETWORK_CONTROL", "PLAIN", "SAYING", "TOTAL_LENGTH", "TTL", "Route"]
__all__ += ["decode", "encode", "header", "saying", "total_length", "unsummed_header"]

TOTAL_LENGTH = slice(2, 4)
TTL = 8
SAYING = slice(12, None)
"""Addresses and content: what a datagram says, where it has no options."""
PLAIN = 0x45
"""First byte: version 4, and five words of header, so no options."""

INTERNETWORK_CONTROL = 0xC0
"""Type of service, as keepalived marks adverts."""

_HEADER = struct.Struct("!BBHHHBBH4s4s")
_IDENTIFICATION, _PROTOCOL, _CHECKSUM = slice(4, 6), 9, 10


class Route(NamedTuple):
    """What one header says of its way."""

    source: IpAddress
    destination: IpAddress
    ttl: int
    """0 to 255."""
    identification: int
    """0 to 65535."""
    protocol: int
    """0 to 255."""


def decode(interface: str, packet: bytes) -> AdvertReceived | None:
    """What came; None where its lengths do not fit."""
    if len(packet) < _HEADER.size:
        return None
    begin = (packet[0] & 0x0F) * 4
    total = int.from_bytes(packet[TOTAL_LENGTH], "big")
    if begin < _HEADER.size or not begin <= total <= len(packet):
        return None
    authentication = None
    if packet[_PROTOCOL] == PROTOCOL_AH:
        raw = packet[begin : begin + AUTH_HEADER_BYTES]
        begin += AUTH_HEADER_BYTES
        if begin > total:
            return None
        authentication = AuthHeader(int.from_bytes(packet[_IDENTIFICATION], "big"), raw)
    return AdvertReceived(
        interface,
        IPv4Address(packet[12:16]),
        IPv4Address(packet[16:20]),
        packet[TTL],
        packet[begin:total],
        authentication,
    )


def saying(event: AdvertReceived) -> bytes:
    """What the bytes SAYING of its datagram would be without options."""
    return event.source.packed + event.destination.packed + event.payload


def total_length(event: AdvertReceived) -> bytes:
    """What its bytes TOTAL_LENGTH would be without options."""
    return (_HEADER.size + len(event.payload)).to_bytes(2, "big")


def encode(event: AdvertReceived, identification: int = 0, service: int = 0) -> bytes:
    """The datagram without options that would be decoded to this. One with an Authentication
    Header has its own identification. `service`: type of service, 0 to 255."""
    shown = event.auth_header
    if shown is None:
        route = Route(event.source, event.destination, event.ttl, identification, PROTOCOL)
        return header(route, len(event.payload), service) + event.payload
    route = Route(event.source, event.destination, event.ttl, shown.identification, PROTOCOL_AH)
    body = shown.raw + event.payload
    return header(route, len(body), service) + body


def header(route: Route, length: int, type_of_service: int = 0) -> bytes:
    """20 bytes, for so many bytes that follow."""
    unsummed = unsummed_header(route, length, type_of_service)
    checksum = internet_checksum(unsummed).to_bytes(2, "big")
    return unsummed[:_CHECKSUM] + checksum + unsummed[_CHECKSUM + 2 :]


def unsummed_header(route: Route, length: int, type_of_service: int) -> bytes:
    """With a checksum of 0, and neither flags nor an offset."""
    return _HEADER.pack(
        PLAIN,
        type_of_service,
        _HEADER.size + length,
        route.identification,
        0,
        route.ttl,
        route.protocol,
        0,
        route.source.packed,
        route.destination.packed,
    )

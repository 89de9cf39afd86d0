"""Datagrams of both families.

Knows which codec serves: the first four bits say it (RFC 791, 3.1; RFC 8200, 3). Must not know
headers.
"""

from __future__ import annotations

from halod.model.event import AdvertReceived
from halod.wire import ipv4, ipv6

__all__ = ["decode", "encode"]


def decode(interface: str, packet: bytes) -> AdvertReceived | None:
    """What came; None where its lengths do not fit."""
    if packet[:1] and packet[0] >> 4 == 6:
        return ipv6.decode(interface, packet)
    return ipv4.decode(interface, packet)


def encode(event: AdvertReceived, identification: int = 0) -> bytes:
    """The datagram that would be decoded to this; only IPv4 numbers its datagrams."""
    if event.source.version == 6:
        return ipv6.encode(event)
    return ipv4.encode(event, identification)

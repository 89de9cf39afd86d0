"""Gratuitous ARP on Ethernet, as bytes and back (RFC 826; RFC 5227, 3).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                 destination: ff:ff:ff:ff:ff:ff                |
    |                               |            source             |
    |                               |       0x0806 (ARP)            |
    +-------------------------------+-------------------------------+
    |  hardware type 1 (Ethernet)   |   protocol type 0x0800 (IPv4) |
    |       6       |       4       |     operation 1 (request)     |
    |                  sender hardware address (6)                  |
    |                  sender protocol address (4)                  |
    |                  target hardware address (6)                  |
    |                  target protocol address (4)                  |
    +---------------------------------------------------------------+

Knows the frame. Must not know when one is sent. A request with sender = target and all ones as the
target's hardware address is what keepalived sends: every switch and host in the field takes it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

__all__ = ["ETHERTYPE_ARP", "ArpFrame", "decode", "gratuitous", "probe"]

BROADCAST = b"\xff" * 6
ETHERTYPE_ARP = 0x0806
_FRAME = struct.Struct("!6s6sHHHBBH6s4s6s4s")
_HARDWARE_ETHERNET, _PROTOCOL_IPV4, _REQUEST = 1, 0x0800, 1


@dataclass(frozen=True, slots=True)
class ArpFrame:
    """What an ARP frame on Ethernet says."""

    destination: bytes
    source: bytes
    operation: int
    """1 request, 2 reply."""
    sender_hardware: bytes
    sender: IPv4Address
    target_hardware: bytes
    target: IPv4Address


def gratuitous(hardware_address: bytes, address: IPv4Address) -> bytes:
    """42 bytes that tell a link where an address is. `hardware_address`: 6 bytes."""
    return _request(hardware_address, address, BROADCAST, address)


def probe(hardware_address: bytes, address: IPv4Address) -> bytes:
    """42 bytes that ask a link who has an address, and claim none (RFC 5227, 2.1.1)."""
    return _request(hardware_address, IPv4Address(0), bytes(6), address)


def _request(
    sender: bytes, sender_address: IPv4Address, target: bytes, asked: IPv4Address
) -> bytes:
    return _FRAME.pack(
        BROADCAST,
        sender,
        ETHERTYPE_ARP,
        _HARDWARE_ETHERNET,
        _PROTOCOL_IPV4,
        len(sender),
        4,
        _REQUEST,
        sender,
        sender_address.packed,
        target,
        asked.packed,
    )


def decode(frame: bytes) -> ArpFrame | None:
    """The frame's content; None where it is no ARP for IPv4 on Ethernet."""
    if len(frame) < _FRAME.size:
        return None
    to, source, ethertype, hardware, protocol, hlen, plen, operation, *addresses = (
        _FRAME.unpack_from(frame)
    )
    sizes = (ethertype, hardware, protocol, hlen, plen)
    if sizes != (ETHERTYPE_ARP, _HARDWARE_ETHERNET, _PROTOCOL_IPV4, 6, 4):
        return None
    sha, spa, tha, tpa = addresses
    return ArpFrame(to, source, operation, sha, IPv4Address(spa), tha, IPv4Address(tpa))

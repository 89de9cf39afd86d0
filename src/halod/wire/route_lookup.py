"""Asking the kernel by which link a neighbour is reached, and which links carry Ethernet.

    RTM_GETROUTE, RTA_DST  ──>  RTM_NEWROUTE: type (unicast, local), RTA_OIF, RTA_GATEWAY, RTA_VIA

Knows `struct rtmsg` and `struct ifinfomsg`. Must not know sockets, nor who asks.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from halod.model.address import IpAddress
from halod.wire.netlink import DecodeError, Message, attribute, attributes

__all__ = ["Way", "decode_ethernet", "decode_way", "encode_lookup"]

_RTMSG = struct.Struct("=BBBBBBBBI")
_IFINFO = struct.Struct("=BBHiII")
_NUMBER = struct.Struct("=I")
_RTA_DST, _RTA_OIF, _RTA_GATEWAY, _RTA_VIA = 1, 4, 5, 18
_RTN_UNICAST, _RTN_LOCAL = 1, 2
_IFLA_IFNAME, _IFLA_MASTER = 3, 10
_AF = {4: 2, 6: 10}
_ARPHRD_ETHER = 1


@dataclass(frozen=True, slots=True)
class Way:
    """How this machine reaches an address."""

    device: int
    """Index of the link."""
    is_local: bool
    """It is this machine's own."""
    is_neighbour: bool
    """It is on the link, not behind a gateway."""


def encode_lookup(address: IpAddress) -> bytes:
    """For GETROUTE, without DUMP."""
    packed = address.packed
    head = _RTMSG.pack(_AF[address.version], len(packed) * 8, 0, 0, 0, 0, 0, 0, 0)
    return head + attribute(_RTA_DST, packed)


def decode_way(message: Message) -> Way:
    """Of a NEWROUTE message; raises DecodeError."""
    if len(message.payload) < _RTMSG.size:
        raise DecodeError("truncated rtmsg")
    type_ = _RTMSG.unpack_from(message.payload)[7]
    found = attributes(message.payload, _RTMSG.size)
    out = found.get(_RTA_OIF, b"")
    device: int = _NUMBER.unpack(out)[0] if len(out) == _NUMBER.size else 0
    has_gateway = _RTA_GATEWAY in found or _RTA_VIA in found
    is_neighbour = type_ == _RTN_UNICAST and device > 0 and not has_gateway
    return Way(device, type_ == _RTN_LOCAL, is_neighbour)


def decode_ethernet(message: Message) -> tuple[int, str] | None:
    """Index and name of a link of NEWLINK that hands Ethernet frames to this machine's network
    layer: not one that belongs to a bridge or a bond. Raises DecodeError."""
    if len(message.payload) < _IFINFO.size:
        raise DecodeError("truncated ifinfomsg")
    _, _, type_, index, _, _ = _IFINFO.unpack_from(message.payload)
    found = attributes(message.payload, _IFINFO.size)
    if type_ != _ARPHRD_ETHER or _IFLA_MASTER in found:
        return None
    name = found.get(_IFLA_IFNAME, b"").rstrip(b"\0")
    return index, name.decode("utf-8", "surrogateescape")

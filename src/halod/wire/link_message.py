"""NEWLINK, SETLINK and DELLINK for the links that halod makes (rtnetlink(7), linux/if_link.h).

Knows macvlan, its private mode, and the alias by which a link says whose it is. Must not know
sockets, nor when a link is made.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from halod.wire.netlink import DecodeError, Message, attribute, attributes

__all__ = ["MadeLink", "decode_link", "encode_alias", "encode_delete", "encode_macvlan"]
__all__ += ["encode_mute", "encode_no_address", "encode_up"]

_IFINFOMSG = struct.Struct("=BxHiII")
_U32 = struct.Struct("=I")
_AF_UNSPEC, _AF_INET6 = 0, 10
_IFF_UP = 1
_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_LINK = 1, 3, 5
_IFLA_LINKINFO, _IFLA_IFALIAS, _IFLA_AF_SPEC, _IFLA_PROTO_DOWN = 18, 20, 26, 39
_IFLA_INFO_KIND, _IFLA_INFO_DATA = 1, 2
_IFLA_MACVLAN_MODE, _MACVLAN_MODE_PRIVATE = 1, 1
_IFLA_INET6_ADDR_GEN_MODE, _ADDR_GEN_NONE = 8, 1
MACVLAN = "macvlan"


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link as the kernel tells it, with what says who made it."""

    index: int
    name: str
    kind: str
    """`macvlan`, `bridge` ...; empty for a device."""
    alias: str
    base_index: int
    """The link on which it stands; 0: none."""
    hardware_address: bytes
    up: bool


def _header(index: int = 0, flags: int = 0, change: int = 0) -> bytes:
    return _IFINFOMSG.pack(_AF_UNSPEC, 0, index, flags, change)


def encode_macvlan(name: str, base_index: int, hardware_address: bytes) -> bytes:
    """Payload of NEWLINK: a macvlan in private mode, down. `hardware_address`: 6 bytes."""
    mode = attribute(_IFLA_MACVLAN_MODE, _U32.pack(_MACVLAN_MODE_PRIVATE))
    kind = attribute(_IFLA_INFO_KIND, MACVLAN.encode() + b"\0") + attribute(_IFLA_INFO_DATA, mode)
    return (
        _header()
        + attribute(_IFLA_IFNAME, name.encode() + b"\0")
        + attribute(_IFLA_ADDRESS, hardware_address)
        + attribute(_IFLA_LINK, _U32.pack(base_index))
        + attribute(_IFLA_LINKINFO, kind)
    )


def encode_alias(name: str, alias: str) -> bytes:
    """Payload of SETLINK: what a link says of itself; by name, so that it can follow at once."""
    named = attribute(_IFLA_IFNAME, name.encode() + b"\0")
    return _header() + named + attribute(_IFLA_IFALIAS, alias.encode())


def encode_no_address(index: int) -> bytes:
    """Payload of SETLINK: no IPv6 address is made for it (RFC 4862, 5.3)."""
    mode = attribute(_IFLA_INET6_ADDR_GEN_MODE, bytes([_ADDR_GEN_NONE]))
    return _header(index) + attribute(_IFLA_AF_SPEC, attribute(_AF_INET6, mode))


def encode_up(index: int, *, up: bool) -> bytes:
    """Payload of NEWLINK: a link goes up or down."""
    return _header(index, _IFF_UP if up else 0, _IFF_UP)


def encode_mute(index: int, *, mute: bool) -> bytes:
    """Payload of SETLINK: a link without carrier sends nothing, whatever it is told (Linux 4.0,
    IFLA_PROTO_DOWN; macvlan)."""
    return _header(index) + attribute(_IFLA_PROTO_DOWN, bytes([mute]))


def encode_delete(index: int) -> bytes:
    """Payload of DELLINK."""
    return _header(index)


def decode_link(message: Message) -> MadeLink:
    """One message of a dump; raises DecodeError."""
    try:
        _, _, index, flags, _ = _IFINFOMSG.unpack_from(message.payload)
        found = attributes(message.payload, _IFINFOMSG.size)
        info = attributes(found.get(_IFLA_LINKINFO, b""), 0)
        (base,) = _U32.unpack(found.get(_IFLA_LINK, bytes(4)))
    except struct.error as error:
        raise DecodeError(str(error)) from None
    return MadeLink(
        index,
        _text(found.get(_IFLA_IFNAME, b"")),
        _text(info.get(_IFLA_INFO_KIND, b"")),
        _text(found.get(_IFLA_IFALIAS, b"")),
        base,
        found.get(_IFLA_ADDRESS, b""),
        bool(flags & _IFF_UP),
    )


def _text(value: bytes) -> str:
    return value.rstrip(b"\0").decode(errors="replace")

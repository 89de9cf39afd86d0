"""rtnetlink: links, addresses and routes, as bytes and back (rtnetlink(7), linux/if_addr.h).

Knows the structures that halod needs. Must not know sockets, nor what a change means.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address

from halod.model.address import IpAddress, VirtualAddress
from halod.wire.netlink import DecodeError, Message, attribute, attributes

__all__ = ["AddressMessage", "Group", "LinkMessage", "RouteMessage", "Type"]
__all__ += ["IFAPROT_HALOD", "LIFETIME_FOREVER", "decode", "encode_address", "encode_dump"]

IFAPROT_HALOD = 0x48
"""IFA_PROTO of an address that halod put up (Linux 5.18; older kernels ignore it). 1 to 3 are the
kernel's, and keepalived uses its route protocol, 18."""
LIFETIME_FOREVER = 0xFFFFFFFF

_AF_UNSPEC = 0
_AF_INET = 2
_AF_INET6 = 10
_FAMILY = {IPv4Address: _AF_INET, IPv6Address: _AF_INET6}

_IFADDRMSG = struct.Struct("=BBBBI")
_IFINFOMSG = struct.Struct("=BxHiII")
_RTMSG = struct.Struct("=BBBBBBBBI")
_CACHEINFO = struct.Struct("=IIII")

_IFA_ADDRESS, _IFA_LOCAL, _IFA_LABEL, _IFA_BROADCAST = 1, 2, 3, 4
_IFA_CACHEINFO, _IFA_PROTO = 6, 11
_IFLA_ADDRESS, _IFLA_IFNAME = 1, 3
_RTA_OIF, _RTA_PREFSRC = 4, 7
_IFF_UP, _IFF_RUNNING = 0x1, 0x40
_RTPROT_KERNEL, _RT_TABLE_LOCAL = 2, 255


class Type(IntEnum):
    """Message types (linux/rtnetlink.h)."""

    NEWLINK = 16
    DELLINK = 17
    GETLINK = 18
    NEWADDR = 20
    DELADDR = 21
    GETADDR = 22
    NEWROUTE = 24
    DELROUTE = 25
    GETROUTE = 26


class Group(IntEnum):
    """Multicast groups, as bits of nl_groups."""

    LINK = 0x1
    IPV4_IFADDR = 0x10
    IPV4_ROUTE = 0x40


@dataclass(frozen=True, slots=True)
class LinkMessage:
    """NEWLINK or DELLINK."""

    index: int
    name: str
    hardware_address: bytes
    up: bool
    running: bool
    """Up, and with carrier."""


@dataclass(frozen=True, slots=True)
class AddressMessage:
    """NEWADDR or DELADDR."""

    index: int
    address: IpAddress
    prefix_length: int
    protocol: int
    """IFA_PROTO, 0 where there is none."""
    valid_seconds: int
    """Lifetime left, LIFETIME_FOREVER without end."""


@dataclass(frozen=True, slots=True)
class RouteMessage:
    """NEWROUTE or DELROUTE, as far as it matters here."""

    preferred_source: IpAddress | None
    payload: bytes
    """The whole payload, to be put back as it was."""
    is_automatic: bool
    """Made by the kernel with an address (RTPROT_KERNEL, or in the table `local`)."""


def encode_address(
    address: VirtualAddress, index: int, lifetime_seconds: int = LIFETIME_FOREVER
) -> bytes:
    """Payload of NEWADDR or DELADDR for one virtual address.

    `lifetime_seconds`: 1 to LIFETIME_FOREVER, both preferred and valid.
    """
    family = _FAMILY[type(address.address)]
    header = _IFADDRMSG.pack(family, address.prefix_length, 0, address.scope.value, index)
    packed = address.address.packed
    body = attribute(_IFA_LOCAL, packed) + attribute(_IFA_ADDRESS, packed)
    if address.broadcast is not None:
        body += attribute(_IFA_BROADCAST, address.broadcast.packed)
    if address.label is not None:
        body += attribute(_IFA_LABEL, address.label.encode() + b"\0")
    body += attribute(_IFA_PROTO, bytes([IFAPROT_HALOD]))
    lifetimes = _CACHEINFO.pack(lifetime_seconds, lifetime_seconds, 0, 0)
    return header + body + attribute(_IFA_CACHEINFO, lifetimes)


def encode_dump(type_: Type) -> bytes:
    """Payload of GETLINK, GETADDR (IPv4) or GETROUTE (IPv4) with the flag DUMP."""
    if type_ is Type.GETLINK:
        return _IFINFOMSG.pack(_AF_UNSPEC, 0, 0, 0, 0)
    if type_ is Type.GETADDR:
        return _IFADDRMSG.pack(_AF_INET, 0, 0, 0, 0)
    return _RTMSG.pack(_AF_INET, 0, 0, 0, 0, 0, 0, 0, 0)


def decode(message: Message) -> LinkMessage | AddressMessage | RouteMessage | None:
    """The value of a message, None for types that do not matter; raises DecodeError."""
    try:
        if message.type in (Type.NEWLINK, Type.DELLINK):
            return _link(message.payload)
        if message.type in (Type.NEWADDR, Type.DELADDR):
            return _address(message.payload)
        if message.type in (Type.NEWROUTE, Type.DELROUTE):
            return _route(message.payload)
    except (struct.error, ValueError, IndexError) as error:
        raise DecodeError(str(error)) from None
    return None


def _link(payload: bytes) -> LinkMessage:
    _, _, index, flags, _ = _IFINFOMSG.unpack_from(payload)
    found = attributes(payload, _IFINFOMSG.size)
    name = found.get(_IFLA_IFNAME, b"").rstrip(b"\0").decode(errors="replace")
    up, carrier = bool(flags & _IFF_UP), bool(flags & _IFF_RUNNING)
    return LinkMessage(index, name, found.get(_IFLA_ADDRESS, b""), up, up and carrier)


def _address(payload: bytes) -> AddressMessage | None:
    family, prefix_length, _, _, index = _IFADDRMSG.unpack_from(payload)
    found = attributes(payload, _IFADDRMSG.size)
    packed = found.get(_IFA_LOCAL, found.get(_IFA_ADDRESS, b""))
    protocol = found.get(_IFA_PROTO, b"\0")[0]
    valid = LIFETIME_FOREVER
    if _IFA_CACHEINFO in found:
        valid = _CACHEINFO.unpack_from(found[_IFA_CACHEINFO])[1]
    if family == _AF_INET:
        return AddressMessage(index, IPv4Address(packed), prefix_length, protocol, valid)
    if family == _AF_INET6:
        return AddressMessage(index, IPv6Address(packed), prefix_length, protocol, valid)
    return None


def _route(payload: bytes) -> RouteMessage | None:
    family, _, _, _, table, protocol, _, _, _ = _RTMSG.unpack_from(payload)
    if family != _AF_INET:
        return None
    automatic = protocol == _RTPROT_KERNEL or table == _RT_TABLE_LOCAL
    source = attributes(payload, _RTMSG.size).get(_RTA_PREFSRC)
    return RouteMessage(IPv4Address(source) if source else None, payload, automatic)

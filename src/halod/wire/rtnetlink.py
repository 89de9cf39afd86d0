"""rtnetlink: links, addresses and routes, as bytes and back (rtnetlink(7), linux/if_addr.h).

Knows the structures that halod needs. Must not know sockets, nor what a change means.
"""

from __future__ import annotations

import struct
from collections.abc import Container
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address

from halod.model.address import IpAddress, VirtualAddress
from halod.wire.netlink import DecodeError, Message, attribute, attributes

__all__ = ["AddressMessage", "Group", "LinkMessage", "RouteMessage", "Type"]
__all__ += ["IFAPROT_HALOD", "LIFETIME_FOREVER", "decode", "encode_address", "encode_dump"]
__all__ += ["encode_ipv6_routes_dump", "is_ipv6_route_gone"]
__all__ += ["may_be_kept_route", "own_address_came"]

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
_WORD = struct.Struct("=I")

_IFA_ADDRESS, _IFA_LOCAL, _IFA_LABEL, _IFA_BROADCAST = 1, 2, 3, 4
_IFA_CACHEINFO, _IFA_FLAGS, _IFA_PROTO = 6, 8, 11
_IFA_F_NODAD, _IFA_F_DADFAILED, _IFA_F_TENTATIVE = 0x02, 0x08, 0x40
_IPV6_HOST_BITS = 128
_IFLA_ADDRESS, _IFLA_IFNAME = 1, 3
_RTA_DST, _RTA_SRC, _RTA_PRIORITY, _RTA_PREFSRC, _RTA_CACHEINFO, _RTA_TABLE = 1, 2, 6, 7, 12, 15
_PLACE = (_RTA_DST, _RTA_TABLE, _RTA_PRIORITY)
_IFF_UP, _IFF_RUNNING = 0x1, 0x40
_RTPROT_KERNEL, _RTPROT_RA, _RT_TABLE_LOCAL = 2, 9, 255
_RTM_F_CLONED = 0x200
_ROUTE_FAMILY_AT, _ROUTE_PROTOCOL_AT = 16, 16 + 5
"""rtm_family and rtm_protocol of the first message: in struct rtmsg, behind netlink's header."""
_PLAIN_ADDRESS = struct.Struct("=IHHII BBBBI HH4s HH4s")
"""As the kernel begins to tell of an IPv4 address: netlink's header, struct ifaddrmsg, IFA_ADDRESS
and IFA_LOCAL."""
_PREFSRC_HEADERS = tuple(struct.pack("=HH", 4 + bytes_, _RTA_PREFSRC) for bytes_ in (4, 16))
"""Heads of an RTA_PREFSRC of IPv4 and of IPv6: its length and its type."""


class Type(IntEnum):
    """Message types (linux/rtnetlink.h)."""

    NEWLINK = 16
    DELLINK = 17
    GETLINK = 18
    SETLINK = 19
    NEWADDR = 20
    DELADDR = 21
    GETADDR = 22
    NEWROUTE = 24
    DELROUTE = 25
    GETROUTE = 26
    NEWRULE = 32
    DELRULE = 33


class Group(IntEnum):
    """Multicast groups, as bits of nl_groups."""

    LINK = 0x1
    IPV4_IFADDR = 0x10
    IPV4_ROUTE = 0x40
    IPV6_IFADDR = 0x100
    IPV6_ROUTE = 0x400


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
    is_ready: bool = True
    """False: an IPv6 address that is tentative, or whose duplicate was found (RFC 4862, 5.4)."""


@dataclass(frozen=True, slots=True)
class RouteMessage:
    """NEWROUTE or DELROUTE, as far as it matters here."""

    preferred_source: IpAddress | None
    payload: bytes
    """The whole payload, to be put back as it was; of IPv6 without the kernel's account of its
    use."""
    identity: bytes
    """What tells it from others. Of IPv6 that is all but the source: the kernel takes that off a
    route when its address goes, and leaves the route."""
    place: tuple[bytes, ...]
    """Where it stands: destination, type of service, table and metric. One that replaces another
    has the same place."""
    is_automatic: bool
    """Made by the kernel with an address (RTPROT_KERNEL, or in the table `local`), or told by a
    router (RFC 4861, 6.3.4)."""

    @property
    def is_ipv6(self) -> bool:
        """Its family."""
        return self.payload[0] == _AF_INET6

    @property
    def protocol(self) -> int:
        """Who has set it, RTPROT_."""
        return self.payload[5]


def may_be_kept_route(datagram: bytes) -> bool:
    """Whether news of routes may be about one that names a source and was not made by the kernel.

    By two looks and without decoding: a takeover of a thousand addresses brings thousands of the
    kernel's own, and a routing daemon as many without a source. One message is taken for all.
    """
    automatic = datagram[_ROUTE_PROTOCOL_AT : _ROUTE_PROTOCOL_AT + 1] == bytes([_RTPROT_KERNEL])
    return not automatic and any(header in datagram for header in _PREFSRC_HEADERS)


def is_ipv6_route_gone(datagram: bytes) -> bool:
    """Whether it tells of a route of IPv6 that was removed: it may have lost its source before."""
    _, type_ = struct.unpack_from("=IH", datagram)
    return type_ == Type.DELROUTE and datagram[_ROUTE_FAMILY_AT] == _AF_INET6


def own_address_came(datagram: bytes, ports: Container[int]) -> tuple[int, IPv4Address, int] | None:
    """Interface, address and prefix length where this says that an address was put up, or its
    lifetime renewed, by one of these ports; None: look closer.

    By one look: a takeover of a thousand addresses brings a thousand of them, each renewal as many,
    and whoever asked for them knows.
    """
    if len(datagram) < _PLAIN_ADDRESS.size:
        return None
    length, type_, _, _, port, family, prefix_length, _, _, index, *attributes_ = (
        _PLAIN_ADDRESS.unpack_from(datagram)
    )
    if type_ != Type.NEWADDR or port not in ports or family != _AF_INET:
        return None
    size, first, address, size_too, second, local = attributes_
    if (size, first, size_too, second) != (8, _IFA_ADDRESS, 8, _IFA_LOCAL):
        return None
    # With a peer the two differ. Another message behind this one would not be looked at.
    if address != local or length != len(datagram):
        return None
    return index, IPv4Address(address), prefix_length


def encode_address(
    address: VirtualAddress, index: int, lifetime_seconds: int = LIFETIME_FOREVER
) -> bytes:
    """Payload of NEWADDR or DELADDR for one virtual address.

    `lifetime_seconds`: 1 to LIFETIME_FOREVER, both preferred and valid. One of IPv6 is put up
    without a search for a duplicate: there is one, until the other master has taken it down. With
    a prefix of 128 bits it is deprecated at once, as with keepalived: connections that this node
    begins do not come from it.
    """
    family = _FAMILY[type(address.address)]
    is_v6 = family == _AF_INET6
    flags = _IFA_F_NODAD if is_v6 else 0
    header = _IFADDRMSG.pack(family, address.prefix_length, flags, address.scope.value, index)
    is_host = is_v6 and address.prefix_length == _IPV6_HOST_BITS
    preferred_seconds = 0 if is_host else lifetime_seconds
    packed = address.address.packed
    body = attribute(_IFA_LOCAL, packed) + attribute(_IFA_ADDRESS, packed)
    if address.broadcast is not None:
        body += attribute(_IFA_BROADCAST, address.broadcast.packed)
    if address.label is not None and not is_v6:
        body += attribute(_IFA_LABEL, address.label.encode() + b"\0")
    body += attribute(_IFA_PROTO, bytes([IFAPROT_HALOD]))
    lifetimes = _CACHEINFO.pack(preferred_seconds, lifetime_seconds, 0, 0)
    return header + body + attribute(_IFA_CACHEINFO, lifetimes)


def encode_dump(type_: Type) -> bytes:
    """Payload of GETLINK, GETADDR (both families) or GETROUTE (IPv4) with the flag DUMP."""
    if type_ is Type.GETLINK:
        return _IFINFOMSG.pack(_AF_UNSPEC, 0, 0, 0, 0)
    if type_ is Type.GETADDR:
        return _IFADDRMSG.pack(_AF_UNSPEC, 0, 0, 0, 0)
    return _RTMSG.pack(_AF_INET, 0, 0, 0, 0, 0, 0, 0, 0)


def encode_ipv6_routes_dump(protocol: int = 0) -> bytes:
    """Payload of GETROUTE for IPv6 with the flag DUMP. `protocol`: RTPROT_, those of it alone where
    the socket is strict; 0: all."""
    return _RTMSG.pack(_AF_INET6, 0, 0, 0, 0, protocol, 0, 0, 0)


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


def _link(payload: bytes) -> LinkMessage | None:
    family, _, index, flags, _ = _IFINFOMSG.unpack_from(payload)
    if family != _AF_UNSPEC:
        # A bridge tells of its ports with the same types: DELLINK says that one left the bridge.
        return None
    found = attributes(payload, _IFINFOMSG.size)
    name = found.get(_IFLA_IFNAME, b"").rstrip(b"\0").decode(errors="replace")
    up, carrier = bool(flags & _IFF_UP), bool(flags & _IFF_RUNNING)
    return LinkMessage(index, name, found.get(_IFLA_ADDRESS, b""), up, up and carrier)


def _address(payload: bytes) -> AddressMessage | None:
    family, prefix_length, flags, _, index = _IFADDRMSG.unpack_from(payload)
    found = attributes(payload, _IFADDRMSG.size)
    packed = found.get(_IFA_LOCAL, found.get(_IFA_ADDRESS, b""))
    protocol = found.get(_IFA_PROTO, b"\0")[0]
    valid = LIFETIME_FOREVER
    if _IFA_CACHEINFO in found:
        valid = _CACHEINFO.unpack_from(found[_IFA_CACHEINFO])[1]
    if family == _AF_INET:
        return AddressMessage(index, IPv4Address(packed), prefix_length, protocol, valid)
    if family == _AF_INET6:
        flags = _WORD.unpack(found[_IFA_FLAGS])[0] if _IFA_FLAGS in found else flags
        ready = not flags & (_IFA_F_TENTATIVE | _IFA_F_DADFAILED)
        return AddressMessage(index, IPv6Address(packed), prefix_length, protocol, valid, ready)
    return None


def _route(payload: bytes) -> RouteMessage | None:
    family, length, source_length, service, table, protocol, *_, flags = _RTMSG.unpack_from(payload)
    if family not in (_AF_INET, _AF_INET6):
        return None
    automatic = protocol == _RTPROT_KERNEL or table == _RT_TABLE_LOCAL
    found = attributes(payload, _RTMSG.size)
    place = (bytes((length, service)), *(found.get(type_, b"") for type_ in _PLACE))
    source = found.get(_RTA_PREFSRC)
    if family == _AF_INET:
        address = IPv4Address(source) if source else None
        return RouteMessage(address, payload, payload, place, automatic)
    automatic = automatic or protocol == _RTPROT_RA or bool(flags & _RTM_F_CLONED)
    place += (bytes((family, source_length)), found.get(_RTA_SRC, b""))
    header = payload[: _RTMSG.size]
    kept = [(type_, value) for type_, value in found.items() if type_ != _RTA_CACHEINFO]
    return RouteMessage(
        IPv6Address(source) if source else None,
        header + b"".join(attribute(*each) for each in kept),
        header[:8] + b"".join(attribute(*each) for each in kept if each[0] != _RTA_PREFSRC),
        place,
        automatic,
    )

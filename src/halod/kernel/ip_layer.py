"""Raw sockets of one family of IP: how each is opened, and how a datagram is read from it.

Knows raw(7), ip(7) and ipv6(7). Must not know which socket is for whom.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from functools import partial
from ipaddress import IPv6Address
from typing import Protocol

from halod.model.address import IpAddress
from halod.wire import ipv4, ipv6

__all__ = ["LAYERS", "IpLayer", "Target"]

_PACKET_MAX_V4, _PACKET_MAX_V6 = 2048, 4608
"""Largest advert: 20 + 8 + 255 * 4 + 8 bytes; 8 + 255 * 16 bytes."""
_IP_MTU_DISCOVER, _IP_PMTUDISC_DONT = 10, 0
_ANCILLARY_BYTES = 128
_ANY_V6 = bytes(16)
_HOP_LIMIT = struct.Struct("=i")

Target = tuple[str, int] | tuple[str, int, int, int]
"""What sendto takes."""


class IpLayer(Protocol):
    """What differs between the families."""

    version: int
    family: socket.AddressFamily

    def set_up_receiver(self, receiver: socket.socket) -> None:
        """Before anything comes."""

    def membership(
        self, receiver: socket.socket, group: IpAddress, index: int, *, joins: bool
    ) -> None:
        """Joins a group on an interface, or leaves it."""

    def set_up_speaker(
        self,
        speaker: socket.socket,
        source: IpAddress,
        group: IpAddress | None,
        index: int,
        ttl: int,
    ) -> None:
        """Bound to its source; connected to a group, or for unicast (None) not connected."""

    def target(self, destination: IpAddress, index: int) -> Target:
        """Where unicast goes."""

    def reader(self, receiver: socket.socket) -> Callable[[], bytes]:
        """Reads one datagram with its header."""


class _IpV4:
    version = 4
    family = socket.AF_INET

    def set_up_receiver(self, receiver: socket.socket) -> None:
        """Nothing: the header comes along."""

    def membership(
        self, receiver: socket.socket, group: IpAddress, index: int, *, joins: bool
    ) -> None:
        option = socket.IP_ADD_MEMBERSHIP if joins else socket.IP_DROP_MEMBERSHIP
        request = struct.pack("4s4si", group.packed, bytes(4), index)
        receiver.setsockopt(socket.IPPROTO_IP, option, request)

    def set_up_speaker(
        self,
        speaker: socket.socket,
        source: IpAddress,
        group: IpAddress | None,
        index: int,
        ttl: int,
    ) -> None:
        speaker.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, ipv4.INTERNETWORK_CONTROL)
        speaker.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, _IP_PMTUDISC_DONT)
        speaker.bind((str(source), 0))
        if group is None:
            speaker.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
            return
        interface = struct.pack("4s4si", bytes(4), bytes(4), index)
        speaker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, interface)
        speaker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, ttl)
        speaker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        speaker.connect((str(group), 0))

    def target(self, destination: IpAddress, index: int) -> Target:
        return str(destination), 0

    def reader(self, receiver: socket.socket) -> Callable[[], bytes]:
        # No function of Python's: each advert is read by it.
        return partial(receiver.recv, _PACKET_MAX_V4)


class _IpV6:
    """The header stays in the kernel: what it said comes beside the payload."""

    version = 6
    family = socket.AF_INET6

    def set_up_receiver(self, receiver: socket.socket) -> None:
        receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)

    def membership(
        self, receiver: socket.socket, group: IpAddress, index: int, *, joins: bool
    ) -> None:
        option = socket.IPV6_JOIN_GROUP if joins else socket.IPV6_LEAVE_GROUP
        receiver.setsockopt(socket.IPPROTO_IPV6, option, struct.pack("16si", group.packed, index))

    def set_up_speaker(
        self,
        speaker: socket.socket,
        source: IpAddress,
        group: IpAddress | None,
        index: int,
        ttl: int,
    ) -> None:
        speaker.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, ipv4.INTERNETWORK_CONTROL)
        speaker.bind(self._place(source, index))
        if group is None:
            speaker.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, ttl)
            return
        speaker.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        speaker.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, ttl)
        speaker.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
        speaker.connect(self._place(group, index))

    def _place(self, address: IpAddress, index: int) -> Target:
        """A link-local address means something on one link alone (RFC 4007, 6)."""
        assert isinstance(address, IPv6Address)
        scoped = address.is_link_local or address.is_multicast
        return str(address), 0, 0, index if scoped else 0

    def target(self, destination: IpAddress, index: int) -> Target:
        return self._place(destination, index)

    def reader(self, receiver: socket.socket) -> Callable[[], bytes]:
        return partial(self._read, receiver)

    def _read(self, receiver: socket.socket) -> bytes:
        payload, beside, _, sender = receiver.recvmsg(_PACKET_MAX_V6, _ANCILLARY_BYTES)
        destination, hop_limit = _ANY_V6, 0
        for level, kind, data in beside:
            if level != socket.IPPROTO_IPV6:
                continue
            if kind == socket.IPV6_PKTINFO:
                destination = data[:16]
            elif kind == socket.IPV6_HOPLIMIT:
                (hop_limit,) = _HOP_LIMIT.unpack(data)
        source = socket.inet_pton(socket.AF_INET6, sender[0].partition("%")[0])
        return ipv6.datagram(source, destination, hop_limit, payload)


LAYERS: dict[int, IpLayer] = {4: _IpV4(), 6: _IpV6()}
"""By version."""

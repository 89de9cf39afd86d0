"""Routes that have a virtual address as their preferred source go with it: put back afterwards.

One of IPv6 stays, and the kernel takes its source off without a word: it is given back.

Knows how to follow and replay them. Must not know why the address went. A dump of all routes may
take long where a routing daemon keeps a million, so it is done once at the start and after an
overrun; from then on the kernel's news are followed.
"""

from __future__ import annotations

import errno
import socket
import sys

from halod.kernel.netlink_socket import widen
from halod.kernel.raw_socket import attach_filter
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.model.address import IpAddress
from halod.wire import netlink, rtnetlink
from halod.wire.netlink import DecodeError, Flag, Message
from halod.wire.route_filter import made_by_others
from halod.wire.rtnetlink import Group, RouteMessage, Type

__all__ = ["RouteKeeper"]

ROUTES_MAX = 1024
"""Routes remembered: operators set a handful; a routing daemon sets its own again."""
DRAIN_MAX = 65536
"""Datagrams in one go: all that the buffer holds. What is left there overruns it one day, and an
overrun costs a dump of the whole table."""
RECEIVE_BUFFER = 8 * 1024 * 1024
_READ = 1 << 17
_SOL_NETLINK, _ADD_MEMBERSHIP = 270, 1
_RTNLGRP_IPV6_ROUTE = Group.IPV6_ROUTE.bit_length()


class RouteKeeper:
    """The routes of virtual addresses, as the kernel described them. For one thread."""

    def __init__(self, requests: RtnetlinkSocket) -> None:
        self._requests = requests
        self._news = socket.socket(
            socket.AF_NETLINK,
            socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK,
            socket.NETLINK_ROUTE,
        )
        widen(self._news, RECEIVE_BUFFER)
        attach_filter(self._news, made_by_others())
        self._news.bind((0, Group.IPV4_ROUTE))
        self._hears_ipv6 = False
        self._watched: set[IpAddress] = set()
        self._kept: dict[bytes, RouteMessage] = {}

    def close(self) -> None:
        self._news.close()

    def watch(self, addresses: set[IpAddress]) -> None:
        """Routes that prefer one of these sources matter from now on."""
        if not addresses <= self._watched:
            self._watched |= addresses
            if not self._hears_ipv6 and any(address.version == 6 for address in addresses):
                self._hears_ipv6 = True
                self._news.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, _RTNLGRP_IPV6_ROUTE)
            self._take_all()

    def follow(self) -> None:
        """Takes up the kernel's news; cheap where none of it concerns a virtual address."""
        for _ in range(DRAIN_MAX):
            try:
                datagram = self._news.recv(_READ)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self._take_all()
                return
            if self._may_matter(datagram):
                self._digest(datagram)

    def _may_matter(self, datagram: bytes) -> bool:
        """Without decoding. A route that replaces one of ours need not name our address."""
        if self._kept:
            if int.from_bytes(datagram[6:8], sys.byteorder) & Flag.REPLACE:
                return True
            if rtnetlink.is_ipv6_route_gone(datagram):
                return True
        return rtnetlink.may_be_kept_route(datagram)

    @property
    def has_any(self) -> bool:
        """Whether there is anything to be put back."""
        return bool(self._kept)

    def restore(self, addresses: set[IpAddress]) -> None:
        """Puts back what is known; what stands already or has no way out stays as it is."""
        routes = [r for r in self._kept.values() if r.preferred_source in addresses]
        if not routes:
            return
        # One of IPv6 may have gone too, with its link.
        payloads = [route.payload for route in routes]
        errors = self._requests.change(Type.NEWROUTE, Flag.CREATE | Flag.EXCL, payloads)
        stand = [r for r, error in zip(routes, errors, strict=True) if error == errno.EEXIST]
        bare = [route for route in stand if route.is_ipv6]
        if bare:
            self._give_back(bare)

    def _give_back(self, routes: list[RouteMessage]) -> None:
        """Their source, to those that stand without one and are the same otherwise."""
        without: set[bytes] = set()
        asked = RtnetlinkSocket()
        try:
            asked.be_strict()
            # Not those of a routing daemon, which may be a million.
            for protocol in {route.protocol for route in routes}:
                ask = rtnetlink.encode_ipv6_routes_dump(protocol)
                for message in asked.dump(Type.GETROUTE, ask):
                    found = _decoded(message)
                    if found is not None and found.preferred_source is None:
                        without.add(found.identity)
        finally:
            asked.close()
        payloads = [route.payload for route in routes if route.identity in without]
        if payloads:
            self._requests.change(Type.NEWROUTE, Flag.REPLACE, payloads)

    def _take_all(self) -> None:
        found = self._requests.dump(Type.GETROUTE)
        if self._hears_ipv6:
            found += self._requests.dump(Type.GETROUTE, rtnetlink.encode_ipv6_routes_dump())
        for message in found:
            self._apply(message)

    def _digest(self, datagram: bytes) -> None:
        try:
            for message in netlink.messages(datagram):
                self._apply(message)
        except DecodeError:
            self._take_all()

    def _apply(self, message: Message) -> None:
        value = _decoded(message)
        if value is None:
            return
        if message.type == Type.NEWROUTE:
            if message.flags & Flag.REPLACE:
                # The one that stood there goes without a word of its own.
                self._kept = {i: r for i, r in self._kept.items() if r.place != value.place}
            if value.preferred_source in self._watched and len(self._kept) < ROUTES_MAX:
                self._kept[value.identity] = value
        elif message.port:
            # Removed by a program. What the kernel removes with its address carries no port.
            self._kept.pop(value.identity, None)


def _decoded(message: Message) -> RouteMessage | None:
    """A route that somebody has set; None: of anything else."""
    try:
        value = rtnetlink.decode(message)
    except DecodeError:
        return None
    return value if isinstance(value, RouteMessage) and not value.is_automatic else None

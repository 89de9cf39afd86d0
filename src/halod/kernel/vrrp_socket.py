"""Raw sockets for VRRP: adverts in and out, one pair of ends for each interface.

Knows raw(7) and multicast membership. Must not know what an advert says.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Container, Iterator
from ipaddress import IPv4Address

from halod.kernel.rtnetlink_socket import widen
from halod.model.address import IpAddress, Link
from halod.model.effect import SendAdvert
from halod.model.event import AdvertReceived
from halod.wire import vrrp

__all__ = ["VrrpSockets"]

DRAIN_MAX = 64
"""Packets of one interface in one turn of the loop: a flood must not starve the timers."""
RECEIVE_BUFFER = 1024 * 1024
"""Bytes: adverts of 255 instances for several seconds, while the process is held up."""
TOS_INTERNETWORK_CONTROL = 0xC0
"""As keepalived marks them."""
_PACKET_MAX = 2048
"""Largest advert: 20 + 8 + 255 * 4 + 8 bytes."""
_IP_MTU_DISCOVER, _IP_PMTUDISC_DONT = 10, 0
_IP_HEADER_MIN = 20


class _Pair:
    """The socket that hears and the one that speaks on one interface."""

    def __init__(self, link: Link, source: IpAddress) -> None:
        self.index, self.source = link.index, source
        self.receiver = socket.socket(
            socket.AF_INET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, vrrp.PROTOCOL
        )
        self.sender = socket.socket(
            socket.AF_INET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, vrrp.PROTOCOL
        )
        try:
            self._set_up(link.name)
        except OSError:
            self.close()
            raise

    def _set_up(self, interface: str) -> None:
        group = struct.pack("4s4si", vrrp.GROUP_V4.packed, bytes(4), self.index)
        receiver, sender = self.receiver, self.sender
        receiver.setblocking(False)
        widen(receiver, RECEIVE_BUFFER)
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
        receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        sender.setblocking(False)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, group)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, vrrp.TTL)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, TOS_INTERNETWORK_CONTROL)
        sender.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, _IP_PMTUDISC_DONT)
        # It only speaks: what comes to it is not even queued.
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 0)
        # The primary address, never a virtual one (RFC 9568, 5.1.1.1).
        sender.bind((str(self.source), 0))

    def close(self) -> None:
        self.receiver.close()
        self.sender.close()


class VrrpSockets:
    """The sockets of all interfaces."""

    def __init__(self) -> None:
        self._pairs: dict[str, _Pair] = {}

    def open(self, link: Link) -> str | None:
        """Follows an interface: anew where its index or address changed; the reason of failure."""
        source = link.addresses[0] if link.addresses else None
        pair = self._pairs.get(link.name)
        if pair is not None and pair.index == link.index and pair.source == source:
            return None
        self.close(link.name)
        if source is None:
            return None
        try:
            self._pairs[link.name] = _Pair(link, source)
        except OSError as error:
            return f"{error.strerror}"
        return None

    def close(self, interface: str) -> None:
        """Stops hearing and speaking there; no matter if it did not."""
        pair = self._pairs.pop(interface, None)
        if pair is not None:
            pair.close()

    def receivers(self) -> dict[int, str]:
        """Descriptors to wait on, with their interfaces."""
        return {pair.receiver.fileno(): name for name, pair in self._pairs.items()}

    def send(self, effect: SendAdvert) -> str | None:
        """Sends one advert; the reason where that failed."""
        pair = self._pairs.get(effect.interface)
        if pair is None:
            return f"no socket on {effect.interface}"
        try:
            pair.sender.sendto(effect.payload, (str(effect.destination), 0))
        except OSError as error:
            return f"{error.strerror}"
        return None

    def receive(self, ready: Container[int]) -> Iterator[AdvertReceived]:
        """What came on those descriptors, at most DRAIN_MAX of each interface."""
        for name, pair in list(self._pairs.items()):
            if pair.receiver.fileno() not in ready:
                continue
            for _ in range(DRAIN_MAX):
                try:
                    packet = pair.receiver.recv(_PACKET_MAX)
                except OSError:
                    # Nothing more, or the link went: the monitor tells that.
                    break
                event = _parse(name, packet)
                if event is not None:
                    yield event


def _parse(interface: str, packet: bytes) -> AdvertReceived | None:
    """Cuts the IP header off; the kernel has checked it, but not that lengths fit (RFC 791)."""
    if len(packet) < _IP_HEADER_MIN:
        return None
    header = (packet[0] & 0x0F) * 4
    total = int.from_bytes(packet[2:4], "big")
    if header < _IP_HEADER_MIN or not header <= total <= len(packet):
        return None
    return AdvertReceived(
        interface,
        IPv4Address(packet[12:16]),
        IPv4Address(packet[16:20]),
        packet[8],
        packet[header:total],
    )

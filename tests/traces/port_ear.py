"""Hears what each host sends, at its port of the lab's switch: before any rule can lose it.

Knows packet sockets, and where a frame says what it is. Must not know what adverts should say.
"""

from __future__ import annotations

import ctypes
import socket
import struct
import time
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv6Address

from halod.lab.namespace import Namespace
from halod.wire import arp

__all__ = ["Advert", "Announcement", "PortEar"]

_SO_ATTACH_FILTER, _SO_TIMESTAMPNS, _SO_RCVBUFFORCE, _ETH_P_ALL = 26, 35, 33, 3
_OUTGOING = 4
"""packet(7): a frame to the host."""
_TIMESPEC = struct.Struct("qq")
_ROOM_BYTES = 4 * 1024 * 1024
_FRAME_MAX = 2048
_IPV4, _IPV6, _ARP = 0x0800, 0x86DD, 0x0806
_VRRP, _ICMPV6, _ADVERTISEMENT = 112, 58, 136
_WANTED = b"".join(
    struct.pack("@HBBI", *instruction)
    for instruction in (
        (0x28, 0, 0, 12),  # 0: the EtherType
        (0x15, 2, 0, _IPV4),  # to 4
        (0x15, 3, 0, _IPV6),  # to 6
        (0x15, 5, 8, _ARP),  # to 9, or to 12
        (0x30, 0, 0, 23),  # 4: IPv4's protocol
        (0x15, 5, 6, _VRRP),  # to 11, or to 12
        (0x30, 0, 0, 20),  # 6: IPv6's next header
        (0x15, 3, 0, _VRRP),  # to 11
        (0x15, 2, 3, _ICMPV6),  # to 11, or to 12
        (0x30, 0, 0, 0),  # 9: ARP to all
        (0x45, 0, 1, 0x01),  # to 11, or to 12
        (0x06, 0, 0, _FRAME_MAX),  # 11: take it
        (0x06, 0, 0, 0),  # 12: leave it
    )
)
"""A classic BPF program: the lab asks each host for its addresses 200 times a second."""


@dataclass(frozen=True, slots=True)
class Advert:
    """One advert."""

    at_ns: int
    """Monotonic."""
    host: str
    version: int
    vrid: int
    priority: int


@dataclass(frozen=True, slots=True)
class Announcement:
    """One gratuitous ARP, or one unsolicited neighbour advertisement."""

    at_ns: int
    host: str
    address: str


class PortEar:
    """Hears from the moment it is made."""

    def __init__(self, switch: Namespace, hosts: Collection[str]) -> None:
        self._hosts = frozenset(hosts)

        def listen() -> socket.socket:
            # Every protocol, then filtered: one protocol is heard only behind the bridge.
            everything = socket.htons(_ETH_P_ALL)
            kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK
            sock = socket.socket(socket.AF_PACKET, kind, everything)
            program = ctypes.create_string_buffer(_WANTED, len(_WANTED))
            pointer = struct.pack("@HP", len(_WANTED) // 8, ctypes.addressof(program))
            sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, pointer)
            sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _ROOM_BYTES)
            sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            return sock

        self._sock = switch.call(listen)

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        """Hears no more."""
        self._sock.close()

    def heard(self) -> list[Advert | Announcement]:
        """Those since the last call."""
        found: list[Advert | Announcement] = []
        offset_ns = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.monotonic_ns()
        while True:
            try:
                data, ancillary, _, sender = self._sock.recvmsg(
                    _FRAME_MAX, socket.CMSG_SPACE(_TIMESPEC.size)
                )
            except BlockingIOError:
                return found
            except OSError:
                # ENETDOWN: a port went down; it is told once.
                continue
            port, _, kind, *_ = sender
            seconds, nanoseconds = _TIMESPEC.unpack(ancillary[0][2])
            at_ns = seconds * 1_000_000_000 + nanoseconds - offset_ns
            ours = kind != _OUTGOING and port in self._hosts
            said = _said(at_ns, port, data) if ours else None
            if said is not None:
                found.append(said)


def _said(at_ns: int, host: str, frame: bytes) -> Advert | Announcement | None:
    kind = int.from_bytes(frame[12:14], "big")
    if kind == _ARP:
        question = arp.decode(frame)
        if question is None or question.sender != question.target:
            return None
        return Announcement(at_ns, host, str(question.sender))
    header = (frame[14] & 0x0F) * 4 if kind == _IPV4 else 40
    message = frame[14 + header :]
    if kind == _IPV6 and frame[20] == _ICMPV6:
        return _announced_v6(at_ns, host, message)
    return Advert(at_ns, host, message[0] >> 4, message[1], message[2])


def _announced_v6(at_ns: int, host: str, message: bytes) -> Announcement | None:
    """RFC 4861, 4.4: not solicited, so the second bit of the flags is clear."""
    if message[0] != _ADVERTISEMENT or message[4] & 0x40:
        return None
    return Announcement(at_ns, host, str(IPv6Address(message[8:24])))

"""Announces addresses on a link: gratuitous ARP and neighbour advertisements (packet(7)), many
frames in one call (sendmmsg(2)).

Knows one socket that only sends. Must not know when an address is announced. A call a frame would
give the interpreter's lock away and wait for it again each time, beside threads that want it too.
"""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address
from pathlib import Path

from halod.model.address import IpAddress, Link
from halod.wire import arp, neighbour

__all__ = ["Burst", "PacketSocket"]

_libc = ctypes.CDLL(None, use_errno=True)


class _IoVector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """struct msghdr."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint),
        ("vectors", ctypes.c_void_p),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _CountedMessage(ctypes.Structure):
    """struct mmsghdr: a message, and how much of it was sent. Its padding needs the nesting."""

    _fields_ = (("message", _Message), ("sent", ctypes.c_uint))


_VECTOR_BYTES, _HEADER_BYTES = ctypes.sizeof(_IoVector), ctypes.sizeof(_CountedMessage)


class Burst:
    """A frame for each address, laid out for the kernel once and sent as often as is wanted."""

    def __init__(self, link: Link, addresses: Iterable[IpAddress]) -> None:
        addresses = tuple(addresses)
        # Whether we forward may change at any time, and only neighbours of IPv6 want to know.
        self._speaks_v6 = any(a.version == 6 for a in addresses)
        self._router = router = self._speaks_v6 and forwards_ipv6(link.name)
        frames = [
            arp.gratuitous(link.hardware_address, address)
            if isinstance(address, IPv4Address)
            else neighbour.unsolicited(link.hardware_address, address, router=router)
            for address in addresses
        ]
        self.interface = link.name
        self.what = (
            "neighbour advertisement"
            if addresses and addresses[0].version == 6
            else "gratuitous ARP"
        )
        self.count = len(frames)
        together = b"".join(frames)
        self._frames = ctypes.create_string_buffer(together, len(together))
        self._vectors = (_IoVector * self.count)()
        self._headers = (_CountedMessage * self.count)()
        frame, vector = ctypes.addressof(self._frames), ctypes.addressof(self._vectors)
        for data, slot, header in zip(frames, self._vectors, self._headers, strict=True):
            slot.base, slot.length = frame, len(data)
            header.message.vectors, header.message.vector_count = vector, 1
            frame += len(data)
            vector += _VECTOR_BYTES

    def is_fresh(self) -> bool:
        """Whether it says what one made now would say."""
        return not self._speaks_v6 or self._router == forwards_ipv6(self.interface)

    def send(self, descriptor: int, start: int, end: int) -> None:
        """Frames from `start` to before `end`; raises OSError where one was refused."""
        while start < end:
            first = ctypes.byref(self._headers, start * _HEADER_BYTES)
            sent: int = _libc.sendmmsg(descriptor, first, end - start, 0)
            if sent < 0:
                code = ctypes.get_errno()
                raise OSError(code, os.strerror(code))
            start += sent


class PacketSocket:
    """Protocol 0: it receives nothing, so it costs nothing while idle."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)

    def send(self, burst: Burst, start: int = 0, end: int | None = None) -> str | None:
        """Those frames of it, each once; the reason where it failed."""
        try:
            # Bound, or the kernel would be asked for the interface's number with each frame.
            self._socket.bind((burst.interface, 0))
            burst.send(self._socket.fileno(), start, burst.count if end is None else end)
        except OSError as error:
            return f"{burst.what} on {burst.interface}: {error.strerror}"
        return None

    def close(self) -> None:
        self._socket.close()


def forwards_ipv6(interface: str) -> bool:
    """Whether this node is a router there: its neighbours are told (RFC 4861, 7.2.5)."""
    try:
        text = Path("/proc/sys/net/ipv6/conf", interface, "forwarding").read_text()
    except OSError:
        return False  # no IPv6 there, and then nobody is told anything
    return text.strip() != "0"

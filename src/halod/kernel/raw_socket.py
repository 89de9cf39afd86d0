"""A raw socket that hears VRRP on one interface, with a program that chooses what it hears.

Knows raw(7) and socket filters. Must not know what an advert says, nor which program is attached.
"""

from __future__ import annotations

import ctypes
import socket
import struct

from halod.kernel.netlink_socket import widen
from halod.wire.envelope import PROTOCOL

__all__ = ["attach_filter", "lost", "open_receiver"]

_SO_ATTACH_FILTER, _SO_MEMINFO = 26, 55
_MEMINFO = struct.Struct("=9I")
_MEMINFO_DROPS = 8
_INSTRUCTION_BYTES = 8


def open_receiver(
    interface: str,
    buffer_bytes: int,
    program: bytes | None,
    family: socket.AddressFamily = socket.AF_INET,
    protocol: int = PROTOCOL,
) -> socket.socket:
    """Not blocking. The program comes first: until it is bound a socket hears all interfaces."""
    receiver = socket.socket(family, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
    try:
        if program is not None:
            attach_filter(receiver, program)
        receiver.setblocking(False)
        widen(receiver, buffer_bytes)
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
    except OSError:
        receiver.close()
        raise
    return receiver


def attach_filter(receiver: socket.socket, program: bytes) -> None:
    """In place of the one before, at once: no packet finds none of them."""
    memory = ctypes.create_string_buffer(program, len(program))
    count = len(program) // _INSTRUCTION_BYTES
    described = struct.pack("@HP", count, ctypes.addressof(memory))
    receiver.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)


def lost(receiver: socket.socket) -> int:
    """What found no room in its buffer, since it was opened; 32 bits that wrap around."""
    memory = receiver.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
    drops: int = _MEMINFO.unpack(memory)[_MEMINFO_DROPS]
    return drops

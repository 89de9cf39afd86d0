"""Hears Ethernet frames at a host: of one protocol, each with the instant at which it came.

Knows packet sockets. Must not know what a frame says: `advert_ear.py` and `client.py` do.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from dataclasses import dataclass

from halod.lab.errors import LabError
from halod.lab.machine import Machine

__all__ = ["ETHERNET_HEADER_BYTES", "FrameEar", "HeardFrame"]

ETHERNET_HEADER_BYTES = 14
RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024
"""The ear is read when a test asks, which may be half a minute later; beside it runs a prober with
400 frames a second, of which each takes about 800 bytes here."""

_SO_TIMESTAMPNS, _SO_RCVBUFFORCE, _SOL_PACKET, _PACKET_STATISTICS = 35, 33, 263, 6
_TIMESPEC = struct.Struct("qq")
_STATISTICS = struct.Struct("II")
_FRAME_MAX = 65535


@dataclass(frozen=True, slots=True)
class HeardFrame:
    """One frame as it came over the wire, Ethernet header included."""

    at_ns: int
    """When the kernel took it in, monotonic nanoseconds."""
    data: bytes

    @property
    def target(self) -> bytes:
        """Destination MAC address."""
        return self.data[:6]

    @property
    def sender(self) -> bytes:
        """Source MAC address."""
        return self.data[6:12]


class FrameEar:
    """Hears from the moment it is made; the kernel keeps what was not read yet."""

    def __init__(self, machine: Machine, ethertype: int) -> None:
        def listen() -> socket.socket:
            # Protocol 0 until it is bound: nothing of other interfaces and protocols slips in.
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
            sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)
            sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            sock.bind((machine.host.interface, ethertype))
            return sock

        self._sock = machine.namespace.call(listen)

    def frames(self) -> list[HeardFrame]:
        """Those since the last call, in order; LabError where some found no room."""
        found: list[HeardFrame] = []
        # The kernel stamps with the wall clock; everything else of the lab is monotonic.
        offset_ns = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.monotonic_ns()
        while True:
            try:
                data, ancillary, _, _ = self._sock.recvmsg(
                    _FRAME_MAX, socket.CMSG_SPACE(_TIMESPEC.size)
                )
            except BlockingIOError:
                break
            seconds, nanoseconds = _TIMESPEC.unpack(ancillary[0][2])
            at_ns = seconds * 1_000_000_000 + nanoseconds - offset_ns
            found.append(HeardFrame(at_ns, data))
        statistics = self._sock.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, _STATISTICS.size)
        _, dropped = _STATISTICS.unpack(statistics)
        if dropped:
            raise LabError(f"{dropped} frames found no room in the ear", "read it more often")
        return found

    def wait(self, within_s: float) -> None:
        """Wait until there is something to read, or the time is over."""
        select.select([self._sock], [], [], max(within_s, 0))

    def close(self) -> None:
        """Hear no more."""
        self._sock.close()

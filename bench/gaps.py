"""How late adverts come, seen from outside and alike for any daemon: by the gap to the one before.

Knows one raw socket on a host that only listens. Must not judge. Adverts of other VRIDs are set
aside by the kernel, so thousands a second cost the machine nothing here.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from halod.kernel.raw_socket import lost, open_receiver
from halod.lab.machine import Machine
from halod.wire import vrid_filter, vrrp

__all__ = ["GapEar", "Lates"]

RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
"""Four VRIDs at 50 adverts a second for a minute."""
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("qq")
_FRAME_MAX = 65535
SOURCE = slice(12, 16)
"""Of an IPv4 header (RFC 791, 3.1)."""


@dataclass(frozen=True, slots=True)
class Lates:
    """Milliseconds by which gaps between adverts were longer than the interval."""

    p50_ms: float
    p99_ms: float
    max_ms: float


class GapEar:
    """Hears adverts of one sender and these VRIDs from the moment it is made."""

    def __init__(self, machine: Machine, source: str, vrids: Collection[int] = (1,)) -> None:
        self._source = socket.inet_aton(source)

        def listen() -> socket.socket:
            interface = machine.host.interface
            sock = open_receiver(interface, RECEIVE_BUFFER_BYTES, vrid_filter.ours(vrids))
            sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            index = socket.if_nametoindex(interface)
            group = struct.pack("4s4si", vrrp.GROUP_V4.packed, bytes(4), index)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
            return sock

        self._socket = machine.namespace.call(listen)

    def lates(self, interval_s: float) -> Lates:
        """Of all gaps so far; then it hears no more."""
        at_ns: dict[int, list[int]] = {}
        while True:
            try:
                data, ancillary, _, _ = self._socket.recvmsg(
                    _FRAME_MAX, socket.CMSG_SPACE(_TIMESPEC.size)
                )
            except BlockingIOError:
                break
            if data[SOURCE] == self._source:
                seconds, nanoseconds = _TIMESPEC.unpack(ancillary[0][2])
                vrid = data[(data[0] & 0x0F) * 4 + 1]
                at_ns.setdefault(vrid, []).append(seconds * 1_000_000_000 + nanoseconds)
        dropped = lost(self._socket)
        self._socket.close()
        assert not dropped, "adverts found no room in the ear"
        interval_ns = interval_s * 1e9
        late = sorted(
            (after - before - interval_ns) / 1e6
            for heard in at_ns.values()
            for before, after in pairwise(heard)
        )
        assert late, "nobody advertised"
        return Lates(late[len(late) // 2], late[-(-len(late) * 99 // 100) - 1], late[-1])

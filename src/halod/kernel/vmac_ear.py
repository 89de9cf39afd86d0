"""Hears adverts that come from our own virtual MAC: those of another master (RFC 9568, 7.3).

Knows one packet socket. Must not know what an advert says. While a link with the virtual MAC is up,
the kernel gives it every frame from that MAC, and the interface below it none of them (macvlan in
private mode): the socket on the interface hears nothing of a rival.
"""

from __future__ import annotations

import socket

from halod.kernel.netlink_socket import widen
from halod.kernel.raw_socket import attach_filter
from halod.model.address import Link
from halod.wire import vrid_filter

__all__ = ["VmacEar"]

RECEIVE_BUFFER = 64 * 1024
"""Bytes: one virtual router is heard here."""
PACKET_MAX = 4608
"""Bytes, as for the sockets on interfaces."""
_ETHERTYPE = {4: 0x0800, 6: 0x86DD}


class VmacEar:
    """Of one link, for the instance of an interface. OSError: it cannot be had."""

    def __init__(self, link: Link, interface: str, ip_version: int, virtual_router_id: int) -> None:
        """`interface`: that for which it hears."""
        self.index, self.interface = link.index, interface
        # Protocol 0: nothing comes before the program is there.
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, 0)
        try:
            self._socket.setblocking(False)
            program = vrid_filter.ours_on_link([virtual_router_id], ip_version)
            attach_filter(self._socket, program)
            widen(self._socket, RECEIVE_BUFFER)
            self._socket.bind((link.name, _ETHERTYPE[ip_version]))
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        return self._socket.fileno()

    def read(self) -> bytes:
        """A datagram with its header; OSError where there is none, and once where the link went
        down."""
        return self._socket.recv(PACKET_MAX)

    def close(self) -> None:
        self._socket.close()

"""Sends gratuitous ARP on a link (packet(7)).

Knows one socket that only sends. Must not know when an address is announced.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address

from halod.model.address import IpAddress, Link
from halod.wire import arp

__all__ = ["PacketSocket"]


class PacketSocket:
    """Protocol 0: it receives nothing, so it costs nothing while idle."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)

    def announce(self, link: Link, addresses: Sequence[IpAddress], repeat: int) -> str | None:
        """Each address once, then all again, `repeat` times; the reason where it failed."""
        frames = [
            arp.gratuitous(link.hardware_address, address)
            for address in addresses
            if isinstance(address, IPv4Address)
        ]
        where = (link.name, arp.ETHERTYPE_ARP)
        try:
            for _ in range(repeat):
                for frame in frames:
                    self._socket.sendto(frame, where)
        except OSError as error:
            return f"gratuitous ARP on {link.name}: {error.strerror}"
        return None

    def close(self) -> None:
        self._socket.close()

"""Which addresses this machine holds, told anew when that changes: for virtual servers that are
checked only while their address is here (`ha_suspend`).

Knows a subscription and a dump. Must not know whose an address is.
"""

from __future__ import annotations

import errno
import socket

from halod.kernel.addresses import Addresses
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.wire.rtnetlink import Group

__all__ = ["AddressWatch"]

_READ = 1 << 16


class AddressWatch:
    """Of the network namespace in which it was made."""

    def __init__(self) -> None:
        self._news = socket.socket(
            socket.AF_NETLINK,
            socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK,
            socket.NETLINK_ROUTE,
        )
        self._news.bind((0, Group.IPV4_IFADDR | Group.IPV6_IFADDR))
        self._addresses = Addresses(RtnetlinkSocket())

    def fileno(self) -> int:
        return self._news.fileno()

    def held(self) -> frozenset[str]:
        """All of them, after the news that came is thrown away: what it says is in the dump."""
        while True:
            try:
                self._news.recv(_READ)
            except BlockingIOError:
                break
            except OSError as error:
                # An overrun loses news, and the dump that follows has all of it.
                if error.errno != errno.ENOBUFS:
                    raise
        return frozenset(str(found.address) for found in self._addresses.standing())

"""Asks the kernel for ways to neighbours, many in one send, and for links that carry Ethernet.

Knows one socket. Must not know what the answers are for. Each call may wait for the kernel's rtnl
lock: never on the advert path.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Collection

from halod.kernel.netlink_socket import REPLY_DEADLINE_S, widen
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.model.address import IpAddress
from halod.wire import netlink
from halod.wire.netlink import Control, Flag
from halod.wire.route_lookup import Way, decode_ethernet, decode_way, encode_lookup
from halod.wire.rtnetlink import Type

__all__ = ["RouteLookup"]

BUFFER = 1 << 20
BATCH_MAX = 128
"""Questions in one send: their answers must fit where a larger buffer is refused."""
_READ = 1 << 17


class RouteLookup:
    """For one thread."""

    def __init__(self) -> None:
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE
        )
        widen(self._socket, BUFFER)
        self._socket.settimeout(REPLY_DEADLINE_S)
        self._socket.bind((0, 0))
        self._requests = RtnetlinkSocket()
        self._sequence = 0

    def close(self) -> None:
        self._socket.close()
        self._requests.close()

    def ways(self, addresses: Collection[IpAddress]) -> dict[IpAddress, Way | str]:
        """Of each the way, or why there is none."""
        wanted = list(dict.fromkeys(addresses))
        found: dict[IpAddress, Way | str] = {}
        for start in range(0, len(wanted), BATCH_MAX):
            found |= self._ask(wanted[start : start + BATCH_MAX])
        return found

    def ethernet_links(self) -> dict[int, str]:
        """Index to name."""
        found = (decode_ethernet(message) for message in self._requests.dump(Type.GETLINK))
        return dict(link for link in found if link is not None)

    def _ask(self, wanted: list[IpAddress]) -> dict[IpAddress, Way | str]:
        asked = dict(enumerate(wanted, self._sequence + 1))
        self._sequence += len(wanted)
        questions = (
            netlink.message(Type.GETROUTE, Flag.REQUEST, number, encode_lookup(address))
            for number, address in asked.items()
        )
        self._socket.send(b"".join(questions))
        found: dict[IpAddress, Way | str] = {}
        while asked:
            for reply in netlink.messages(self._socket.recv(_READ)):
                address = asked.pop(reply.sequence, None)
                if address is None:
                    continue
                if reply.type == Control.ERROR:
                    found[address] = os.strerror(netlink.error_of(reply)).lower()
                else:
                    found[address] = decode_way(reply)
        return found

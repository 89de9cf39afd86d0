"""Requests to rtnetlink: links, addresses, routes.

Knows how rtnetlink is asked for its tables. Must not know what is changed. Each call may wait for
the kernel's rtnl lock (0.06 ms idle, 184 ms seen): never call it on the advert path.
"""

from __future__ import annotations

import socket

from halod.kernel.netlink_socket import REPLY_DEADLINE_S, NetlinkSocket
from halod.wire import rtnetlink
from halod.wire.netlink import Message

__all__ = ["RtnetlinkSocket"]

_SOL_NETLINK, _NETLINK_GET_STRICT_CHK = 270, 12


class RtnetlinkSocket(NetlinkSocket):
    """One socket, for one thread."""

    def __init__(self, reply_deadline_s: float = REPLY_DEADLINE_S) -> None:
        super().__init__(socket.NETLINK_ROUTE, "rtnetlink", reply_deadline_s)

    def be_strict(self) -> None:
        """From now on dumps give what their payload asks for, and no more (Linux 4.20)."""
        self._socket.setsockopt(_SOL_NETLINK, _NETLINK_GET_STRICT_CHK, 1)

    def dump(self, type_: int, payload: bytes | None = None) -> list[Message]:
        """A whole table. Default: all of IPv4."""
        if payload is None:
            payload = rtnetlink.encode_dump(rtnetlink.Type(type_))
        return super().dump(type_, payload)

"""The filter of route news, run by the kernel on a pair of sockets."""

from __future__ import annotations

import socket
import struct

import pytest

from halod.kernel.raw_socket import attach_filter
from halod.wire.netlink import message
from halod.wire.route_filter import made_by_others
from halod.wire.rtnetlink import Type

KERNEL, BOOT, STATIC = 2, 3, 4


def route(protocol: int) -> bytes:
    payload = struct.pack("=BBBBBBBBI", 2, 24, 0, 0, 254, protocol, 0, 1, 0)
    return message(Type.NEWROUTE, 0, 0, payload)


@pytest.mark.parametrize(
    ("datagram", "is_heard"),
    [
        (route(KERNEL), False),
        (route(BOOT), True),
        (route(STATIC), True),
        (route(BOOT)[:21], False),
    ],
    ids=["the kernel's", "by ip route", "static", "cut off"],
)
def test_only_routes_that_the_kernel_made_by_itself_are_kept_away(
    datagram: bytes, *, is_heard: bool
) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        attach_filter(ours, made_by_others())
        ours.setblocking(False)
        theirs.send(datagram)
        if is_heard:
            assert ours.recv(4096) == datagram
            return
        with pytest.raises(BlockingIOError):
            ours.recv(4096)

"""PING_CHECK: an ICMP echo is answered (RFC 792; RFC 4443, 4.1).

Knows echo packets. Must not know when one is sent. By the kernel's ping sockets where they may be
had (`net.ipv4.ping_group_range`), else by raw ones, which take CAP_NET_RAW.
"""

from __future__ import annotations

import secrets
import socket
import struct

from halod.checker.datagram import open_datagram
from halod.checker.outcome import CannotAskError
from halod.checker.visit import Visit
from halod.model.check import PingCheck
from halod.wire.checksum import internet_checksum

__all__ = ["echo"]

_ECHO = struct.Struct("!BBHHH")
_REQUEST_4, _REPLY_4 = 8, 0
_REQUEST_6, _REPLY_6 = 128, 129
_TOKEN_BYTES = 32
"""An answer that carries it back is one to this question."""
_ANSWER_MAX = 256
"""Bytes: an IPv4 header with options, the echo, the token."""


async def echo(check: PingCheck, visit: Visit) -> str:
    """DeadlineError where nobody answers; OSError where a router says why."""
    v4 = check.connection.to.address.version == 4
    is_raw = _open(check, visit, v4=v4)
    number, token = secrets.randbits(16), secrets.token_bytes(_TOKEN_BYTES)
    kind = _REQUEST_4 if v4 else _REQUEST_6
    packet = _ECHO.pack(kind, 0, 0, number, 1) + token
    if v4 and is_raw:
        # All others are completed by the kernel.
        packet = _ECHO.pack(kind, 0, internet_checksum(packet), number, 1) + token
    await visit.send(packet)
    while True:
        data = await visit.receive(_ANSWER_MAX)
        if v4 and is_raw and data:
            data = data[(data[0] & 0xF) * 4 :]
        if data[:1] == bytes([_REPLY_4 if v4 else _REPLY_6]) and data[_ECHO.size :] == token:
            return "echo answered"


def _open(check: PingCheck, visit: Visit, *, v4: bool) -> bool:
    """Whether the socket is a raw one."""
    protocol = socket.IPPROTO_ICMP if v4 else socket.IPPROTO_ICMPV6
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            open_datagram(visit, check.connection, kind, protocol, "answer to the echo")
        except CannotAskError:
            if kind == socket.SOCK_RAW:
                raise
        else:
            return kind == socket.SOCK_RAW
    raise AssertionError("the last kind raises")

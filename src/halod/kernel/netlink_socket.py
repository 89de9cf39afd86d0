"""Requests to the kernel over netlink: many changes in one send, an answer for each; dumps.

Knows sequence numbers, acknowledgements and restarts. Must not know families, nor what is changed.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

from halod.wire import netlink
from halod.wire.netlink import Control, Flag, Message

__all__ = ["REPLY_DEADLINE_S", "NetlinkSocket", "widen"]

RECEIVE_BUFFER = 8 * 1024 * 1024
"""Bytes: acknowledgements of 1,000 changes at once overrun the default of 208 KiB."""
BATCH_MAX = 256
"""Messages in one send: their acknowledgements must fit where SO_RCVBUFFORCE is refused."""
DUMP_TRIES = 5
"""A table that changes under each of so many dumps is used as it was seen last."""
REPLY_DEADLINE_S = 5.0
"""The kernel always answers; later than that the socket is broken."""
_SO_RCVBUFFORCE = 33
_SOL_NETLINK, _NETLINK_CAP_ACK = 270, 10
_READ = 1 << 17
_INTERRUPTED = int(Flag.DUMP_INTR)
"""A plain number: it is looked for in each of ten thousands of messages."""


class NetlinkSocket:
    """One socket, for one thread."""

    def __init__(self, protocol: int, name: str, reply_deadline_s: float) -> None:
        """`protocol`: NETLINK_*; `name`: how errors call what is asked."""
        self._name = name
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol
        )
        widen(self._socket, RECEIVE_BUFFER)
        self._socket.setsockopt(_SOL_NETLINK, _NETLINK_CAP_ACK, 1)
        self._socket.settimeout(reply_deadline_s)
        self._socket.bind((0, 0))
        self.port: int = self._socket.getsockname()[0]
        """Our nlmsg_pid: changes that carry it are our own."""
        self._sequence = 0

    def close(self) -> None:
        self._socket.close()

    def change(self, type_: int, flags: int, payloads: Sequence[bytes]) -> list[int]:
        """One errno for each payload, 0 where it was done."""
        errors: list[int] = []
        for start in range(0, len(payloads), BATCH_MAX):
            errors += self._change_batch(type_, flags, payloads[start : start + BATCH_MAX])
        return errors

    def _change_batch(self, type_: int, flags: int, payloads: Sequence[bytes]) -> list[int]:
        first = self._sequence + 1
        self._sequence += len(payloads)
        last = self._sequence
        request = Flag.REQUEST | flags
        # The kernel works them off in order and tells each failure unasked: the acknowledgement of
        # the last says that all were done.
        *before, end = payloads
        batch = [
            netlink.message(type_, request, first + number, payload)
            for number, payload in enumerate(before)
        ]
        batch.append(netlink.message(type_, request | Flag.ACK, last, end))
        self._socket.send(b"".join(batch))
        errors: dict[int, int] = {}
        while last not in errors:
            for reply in netlink.messages(self._socket.recv(_READ)):
                if reply.type == Control.ERROR and first <= reply.sequence <= last:
                    errors[reply.sequence] = netlink.error_of(reply)
        return [errors.get(sequence, 0) for sequence in range(first, last + 1)]

    def ask(self, type_: int, payload: bytes) -> Message:
        """The one message that answers; raises OSError where the kernel refuses."""
        self._sequence += 1
        self._socket.send(netlink.message(type_, Flag.REQUEST, self._sequence, payload))
        while True:
            for reply in netlink.messages(self._socket.recv(_READ)):
                if reply.sequence == self._sequence:
                    self._raise_error(reply)
                    return reply

    def dump(self, type_: int, payload: bytes) -> list[Message]:
        """A whole table, taken again while it changes under our hands; raises OSError."""
        found: list[Message] = []
        for _ in range(DUMP_TRIES):
            found, interrupted = self._dump_once(type_, payload)
            if not interrupted:
                break
        return found

    def _dump_once(self, type_: int, payload: bytes) -> tuple[list[Message], bool]:
        self._sequence += 1
        self._socket.send(netlink.message(type_, Flag.REQUEST | Flag.DUMP, self._sequence, payload))
        found: list[Message] = []
        interrupted = False
        while True:
            for reply in netlink.messages(self._socket.recv(_READ)):
                if reply.sequence != self._sequence:
                    continue
                interrupted |= bool(reply.flags & _INTERRUPTED)
                if reply.type == Control.DONE:
                    return found, interrupted
                self._raise_error(reply)
                found.append(reply)

    def _raise_error(self, reply: Message) -> None:
        if reply.type == Control.ERROR:
            error = netlink.error_of(reply)
            raise OSError(error, f"{self._name}: {os.strerror(error)}")


def widen(connection: socket.socket, size: int) -> None:
    """A larger receive buffer, in bytes; what is refused by privilege is clamped by the kernel."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, size)
    except PermissionError:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

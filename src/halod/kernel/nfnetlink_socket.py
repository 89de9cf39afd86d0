"""Batches to nftables and dumps from it, over nfnetlink.

Knows sequence numbers and which message of a batch failed. Must not know what is changed. Each call
may wait for the commit mutex of nftables (24 to 796 ms beside huge sets): never on the advert path.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator

from halod.kernel.netlink_socket import REPLY_DEADLINE_S, widen
from halod.wire import netlink
from halod.wire.netlink import Control, Flag, Message
from halod.wire.nfnetlink import BATCH_BEGIN, BATCH_END, bracket

__all__ = ["Change", "NfnetlinkSocket"]

Change = tuple[int, int, bytes]
"""Type, flags beside REQUEST, payload."""

BUFFER = 8 * 1024 * 1024
"""Bytes, either way: a batch goes in one send."""
_NETLINK_NETFILTER = 12
_SOL_NETLINK, _NETLINK_CAP_ACK = 270, 10
_SO_SNDBUFFORCE = 32
_READ = 1 << 17


class NfnetlinkSocket:
    """One socket, for one thread at a time."""

    def __init__(self) -> None:
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_NETFILTER
        )
        widen(self._socket, BUFFER)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_SNDBUFFORCE, BUFFER)
        except PermissionError:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        self._socket.setsockopt(_SOL_NETLINK, _NETLINK_CAP_ACK, 1)
        self._socket.settimeout(REPLY_DEADLINE_S)
        self._socket.bind((0, 0))
        self._sequence = 0

    def close(self) -> None:
        self._socket.close()

    def change(self, changes: Iterable[Change]) -> dict[int, int]:
        """All of it or nothing. What failed: position in the batch and errno; empty: done.

        Raises OSError where the batch as a whole is refused.
        """
        batch = list(changes)
        if not batch:
            return {}
        begin = self._sequence + 1
        last = begin + len(batch)
        self._sequence = last + 1
        parts = [netlink.message(BATCH_BEGIN, Flag.REQUEST, begin, bracket())]
        for number, (type_, flags, payload) in enumerate(batch, begin + 1):
            # Errors come unasked and in order: the acknowledgement of the last message ends them.
            asked = Flag.REQUEST | flags | (Flag.ACK if number == last else 0)
            parts.append(netlink.message(type_, asked, number, payload))
        parts.append(netlink.message(BATCH_END, Flag.REQUEST, self._sequence, bracket()))
        self._socket.send(b"".join(parts))
        failed: dict[int, int] = {}
        while True:
            for reply in netlink.messages(self._socket.recv(_READ)):
                if reply.type != Control.ERROR or not begin <= reply.sequence <= last:
                    continue
                error = netlink.error_of(reply)
                if reply.sequence == begin:
                    raise OSError(error, f"nftables refused a batch: {os.strerror(error)}")
                if error:
                    failed[reply.sequence - begin - 1] = error
                if reply.sequence == last:
                    return failed

    def ask(self, type_: int, payload: bytes) -> Message:
        """What is answered by one message; raises OSError."""
        self._sequence += 1
        self._socket.send(netlink.message(type_, Flag.REQUEST, self._sequence, payload))
        while True:
            for reply in netlink.messages(self._socket.recv(_READ)):
                if reply.sequence != self._sequence:
                    continue
                if reply.type == Control.ERROR:
                    error = netlink.error_of(reply)
                    raise OSError(error, f"nftables refused a question: {os.strerror(error)}")
                return reply

    def request(self, type_: int, payloads: Iterable[bytes]) -> list[int]:
        """Each for itself, outside of any batch; errno of each, 0 where it was done."""
        errors: list[int] = []
        for payload in payloads:
            self._sequence += 1
            flags = Flag.REQUEST | Flag.ACK
            self._socket.send(netlink.message(type_, flags, self._sequence, payload))
            errors.append(self._acknowledged(self._sequence))
        return errors

    def _acknowledged(self, sequence: int) -> int:
        while True:
            for reply in netlink.messages(self._socket.recv(_READ)):
                if reply.type == Control.ERROR and reply.sequence == sequence:
                    return netlink.error_of(reply)

    def dump(self, type_: int, payload: bytes) -> list[Message]:
        """Everything that matches; raises OSError, for one where there is no such table."""
        return list(self.dump_each(type_, payload))

    def dump_each(self, type_: int, payload: bytes) -> Iterator[Message]:
        """The same as it comes."""
        self._sequence += 1
        self._socket.send(netlink.message(type_, Flag.REQUEST | Flag.DUMP, self._sequence, payload))
        while True:
            for reply in netlink.messages(self._socket.recv(_READ)):
                if reply.sequence != self._sequence:
                    continue
                if reply.type == Control.DONE:
                    return
                if reply.type == Control.ERROR:
                    error = netlink.error_of(reply)
                    raise OSError(error, f"nftables refused a dump: {os.strerror(error)}")
                yield reply

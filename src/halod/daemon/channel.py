"""Messages between the supervisor and a child: lines of JSON on a socket pair.

Knows framing and limits. Must not know what a message means. A child is less trusted than the
supervisor, so what comes up is JSON with a size limit; what goes down may carry a descriptor.
"""

from __future__ import annotations

import json
import socket
from typing import Any

__all__ = ["Channel", "Message"]

Message = dict[str, Any]

UNSENT_MAX = 4 * 1024 * 1024
"""Bytes waiting for a supervisor that does not read; beyond that messages are dropped and counted:
the heartbeat never waits for its log."""
LINE_MAX = 8 * 1024 * 1024
"""Bytes of one message: the view of 4,096 instances has about 4 MiB."""
_READ = 65536


class Channel:
    """One end. Never blocks."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._socket = end
        self._unsent = bytearray()
        self._unread = bytearray()
        self.dropped = 0
        """Messages that found no room, since the start."""
        self.closed = False
        """The other end is gone."""

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def wants_to_write(self) -> bool:
        """Whether `flush` has something to do when the socket takes more."""
        return bool(self._unsent)

    def send(self, message: Message) -> None:
        """Queues one message and sends what goes."""
        line = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        if len(self._unsent) + len(line) > UNSENT_MAX:
            self.dropped += 1
            return
        self._unsent += line
        self.flush()

    def send_descriptor(self, message: Message, descriptor: int) -> None:
        """One small message with a descriptor, in one piece (downwards only)."""
        line = json.dumps(message).encode() + b"\n"
        socket.send_fds(self._socket, [line], [descriptor])

    def flush(self) -> None:
        """Sends what the socket takes now."""
        try:
            while self._unsent:
                sent = self._socket.send(self._unsent)
                del self._unsent[:sent]
        except BlockingIOError:
            return
        except OSError:
            self.closed = True
            self._unsent.clear()

    def receive(self) -> tuple[list[Message], list[int]]:
        """Whole messages and descriptors that came; sets `closed` at the end of the stream."""
        descriptors: list[int] = []
        while True:
            try:
                data, got, _, _ = socket.recv_fds(self._socket, _READ, 4)
            except BlockingIOError:
                break
            except OSError:
                self.closed = True
                break
            descriptors.extend(got)
            if not data:
                self.closed = True
                break
            self._unread += data
            if len(self._unread) > LINE_MAX:
                self.closed = True
                break
        return self._lines(), descriptors

    def _lines(self) -> list[Message]:
        *lines, rest = bytes(self._unread).split(b"\n")
        self._unread = bytearray(rest)
        messages: list[Message] = []
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                self.dropped += 1
                continue
            if isinstance(message, dict):
                messages.append(message)
        return messages

    def close(self) -> None:
        self._socket.close()

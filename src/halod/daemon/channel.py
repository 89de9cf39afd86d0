"""Messages between the supervisor and a child: lines of JSON on a socket pair.

Knows framing and limits. Must not know what a message means. A child is less trusted than the
supervisor, so what comes up is JSON with a size limit; what goes down may carry a descriptor.
"""

from __future__ import annotations

import json
import os
import select
import socket
import time
from collections import deque
from typing import Any

__all__ = ["Channel", "Message"]

Message = dict[str, Any]

UNSENT_MAX = 4 * 1024 * 1024
"""Bytes waiting for a supervisor that does not read; beyond that messages are dropped and counted:
the heartbeat never waits for its log."""
LINE_MAX = 8 * 1024 * 1024
"""Bytes of one message: the view of 4,096 instances has about 4 MiB."""
READS_MAX = 64
"""Reads in one go: who talks without end must not keep the other from everything else."""
_READ = 65536


class Channel:
    """One end. Waits nowhere but in `drain`."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._socket = end
        self._unsent = bytearray()
        self._unread = bytearray()
        self.dropped = 0
        """Messages that found no room or made no sense, since the start."""
        self.descriptors: deque[int] = deque()
        """Those that came with messages, in their order; owned by who takes them."""
        self.closed = False
        """The other end is gone, or not to be listened to any more."""
        self.overlong = False
        """It is closed because the other end sent a line beyond LINE_MAX."""

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def wants_to_write(self) -> bool:
        """Whether `flush` has something to do when the socket takes more."""
        return bool(self._unsent)

    def send(self, message: Message) -> None:
        """Queues one message and sends what goes."""
        # ASCII alone: a path on a command line need not be text, and no encoding would take it.
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        if len(self._unsent) + len(line) > UNSENT_MAX:
            self.dropped += 1
            return
        self._unsent += line
        self.flush()

    def send_descriptor(self, message: Message, descriptor: int) -> bool:
        """One small message with a descriptor, in one piece (downwards only); whether it went.

        It does not where something waits before it: the other end does not read.
        """
        if self._unsent:
            self.flush()
        if self._unsent:
            return False
        line = json.dumps(message).encode() + b"\n"
        try:
            sent = socket.send_fds(self._socket, [line], [descriptor])
        except BlockingIOError:
            return False
        except OSError:
            self.closed = True
            return False
        self._unsent += line[sent:]
        return True

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

    def drain(self, within_s: float) -> bool:
        """Waits for the other end to take what is queued; whether it did. For last words only."""
        poller = select.poll()
        poller.register(self._socket, select.POLLOUT)
        until = time.monotonic() + within_s
        self.flush()
        while self._unsent and (left_s := until - time.monotonic()) > 0:
            poller.poll(left_s * 1000)
            self.flush()
        return not self._unsent and not self.closed

    def receive(self) -> list[Message]:
        """Whole messages that came; sets `closed` at the end of the stream."""
        messages: list[Message] = []
        for _ in range(READS_MAX):
            try:
                data, descriptors, _, _ = socket.recv_fds(self._socket, _READ, 4)
            except BlockingIOError:
                break
            except OSError:
                self.closed = True
                break
            self.descriptors.extend(descriptors)
            if not data:
                self.closed = True
                break
            self._unread += data
            messages += self._lines(data)
            if len(self._unread) > LINE_MAX:
                self.closed = self.overlong = True
                self._unread.clear()
                break
        return messages

    def _lines(self, fresh: bytes) -> list[Message]:
        """Takes whole lines off what is unread; `fresh`: what has just been added to it."""
        if b"\n" not in fresh:
            return []
        *lines, rest = bytes(self._unread).split(b"\n")
        self._unread = bytearray(rest)
        messages: list[Message] = []
        for line in lines:
            try:
                message = json.loads(line)
            except (ValueError, RecursionError):
                message = None
            if isinstance(message, dict):
                messages.append(message)
            else:
                self.dropped += 1
        return messages

    def close(self) -> None:
        self._socket.close()
        while self.descriptors:
            os.close(self.descriptors.popleft())

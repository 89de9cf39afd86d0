"""A named pipe into which lines are written, whether anybody reads them or not.

Knows fifo(7). Must not know what a line says. Like keepalived it keeps the pipe open for reading
too: so lines that were written before a reader came are there for it, as far as a pipe holds them
(64 KiB), and a reader sees the end of the file at the stop alone.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import struct
import termios
from collections import deque

__all__ = ["LINES_MAX", "FifoError", "FifoWriter"]

LINES_MAX = 1024
"""Lines that wait behind a full pipe: with the 2,000 in the pipe far more than a reader that is
started again has missed. Then the oldest go."""
MODE = 0o600


class FifoError(Exception):
    """Why there is no such pipe, as half a sentence."""


class FifoWriter:
    """One pipe, from its making to its end."""

    def __init__(self, path: str, uid: int, gid: int) -> None:
        """Makes it where it is not there. FifoError: it cannot be used."""
        self.path = path
        self._created = False
        self._waiting: deque[bytes] = deque()
        self.lost = 0
        """Lines that nobody will read, since the start."""
        try:
            self._descriptor = self._open(uid, gid)
        except OSError as error:
            raise FifoError(_told(error)) from error

    def _open(self, uid: int, gid: int) -> int:
        with contextlib.suppress(FileExistsError):
            os.mkfifo(self.path, MODE)
            self._created = True
        flags = os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self.path, flags)
        try:
            self._check(descriptor, uid, gid)
        except (OSError, FifoError):
            os.close(descriptor)
            self._remove()
            raise
        return descriptor

    def _check(self, descriptor: int, uid: int, gid: int) -> None:
        found = os.fstat(descriptor)
        if not stat.S_ISFIFO(found.st_mode):
            raise FifoError("there is something else of that name")
        if self._created and (found.st_uid, found.st_gid) != (uid, gid):
            os.fchown(descriptor, uid, gid)
        elif found.st_uid not in (uid, os.geteuid()):
            # Somebody else made it, and may read and write what he likes.
            raise FifoError(f"it belongs to user {found.st_uid}")

    def fileno(self) -> int:
        return self._descriptor

    @property
    def waiting(self) -> int:
        """Lines that found no room in the pipe: nobody reads it."""
        return len(self._waiting)

    @property
    def unread(self) -> int:
        """Bytes in the pipe that nobody has read yet."""
        answer = fcntl.ioctl(self._descriptor, termios.FIONREAD, bytes(4))
        return int(struct.unpack("i", answer)[0])

    def write(self, line: bytes) -> None:
        """Never waits: what does not fit is queued."""
        self._waiting.append(line)
        self.flush()
        if len(self._waiting) > LINES_MAX:
            self._waiting.popleft()
            self.lost += 1

    def flush(self) -> None:
        """Writes what the pipe takes now."""
        while self._waiting:
            line = self._waiting[0]
            try:
                written = os.write(self._descriptor, line)
            except BlockingIOError:
                return
            # A line of a page and more may go in pieces (pipe(7)).
            if written == len(line):
                self._waiting.popleft()
            else:
                self._waiting[0] = line[written:]

    def close(self) -> None:
        """Lets go of it; one that was made here is removed."""
        os.close(self._descriptor)
        self._remove()

    def _remove(self) -> None:
        if self._created:
            with contextlib.suppress(OSError):
                os.unlink(self.path)


def _told(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "it is a symbolic link"
    if error.errno == errno.ENXIO:
        return "there is something else of that name"
    return error.strerror or str(error)

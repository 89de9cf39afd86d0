"""Where the control socket of a run directory is, as the kernel takes it.

Knows that an address of a Unix socket has room for 108 bytes (unix(7)) and a path for 4096. Must
not know what is said on the socket.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["CONTROL_SOCKET_NAME", "socket_address"]

CONTROL_SOCKET_NAME = "control.sock"


@contextmanager
def socket_address(path: Path) -> Iterator[str]:
    """A short name for the path, good inside the block; OSError where its folder cannot be used."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)

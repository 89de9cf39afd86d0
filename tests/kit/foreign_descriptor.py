"""A socket of another process, to make it smaller than its owner did: pidfd_getfd(2).

Knows /proc and one system call. Must not know what the socket is for.
"""

from __future__ import annotations

import ctypes
import os
import socket
from pathlib import Path

from halod.lab.process import ProcessId
from halod.wire.rtnetlink import Group

__all__ = ["netlink_subscription"]

_PIDFD_GETFD = 438


def netlink_subscription(process: ProcessId) -> socket.socket:
    """Its netlink socket that hears of links: the very same, not a copy."""
    inode = _subscribed(process)
    for entry in Path(f"/proc/{process.pid}/fd").iterdir():
        if os.readlink(entry) == f"socket:[{inode}]":
            return socket.socket(fileno=_take(process, int(entry.name)))
    raise AssertionError(f"no descriptor of netlink socket {inode} in process {process.pid}")


def _subscribed(process: ProcessId) -> str:
    lines = Path(f"/proc/{process.pid}/net/netlink").read_text().splitlines()[1:]
    mine = {os.readlink(entry) for entry in Path(f"/proc/{process.pid}/fd").iterdir()}
    found = [
        fields[9]
        for fields in map(str.split, lines)
        if fields[1] == "0" and int(fields[3], 16) & Group.LINK and f"socket:[{fields[9]}]" in mine
    ]
    assert len(found) == 1, found
    return found[0]


def _take(process: ProcessId, descriptor: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = os.pidfd_open(process.pid)
    try:
        taken: int = libc.syscall(_PIDFD_GETFD, pidfd, descriptor, 0)
    finally:
        os.close(pidfd)
    assert taken >= 0, os.strerror(ctypes.get_errno())
    return taken

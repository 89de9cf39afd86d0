"""Other VRRP daemons in this network namespace: found, and kept out.

Knows abstract sockets and /proc. Must not end anybody, nor judge configurations.
"""

from __future__ import annotations

import os
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Holder", "KeepalivedProcess", "claim", "keepalived_processes"]

KEEPALIVED_CONFIG = "/etc/keepalived/keepalived.conf"


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that has a claim."""

    pid: int
    """0 where the kernel does not say."""
    name: str


@dataclass(frozen=True, slots=True)
class KeepalivedProcess:
    """A running keepalived, its topmost process."""

    pid: int
    config_file: str
    """As it was given, or keepalived's default."""
    config_path: str
    """The same file as this process can open it: through its root directory."""


def claim(interface: str, virtual_router_id: int) -> socket.socket | Holder:
    """A socket that holds the pair until it is closed, or who holds it.

    Abstract sockets belong to the network namespace and vanish with their process: no stale file,
    no race (unix(7)).
    """
    name = f"\0halod/vrrp/{interface}/{virtual_router_id}"
    held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        held.bind(name)
    except OSError:
        held.close()
        return _holder(name)
    held.listen(1)
    return held


def _holder(name: str) -> Holder:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as question:
        try:
            question.connect(name)
        except OSError:
            return Holder(0, "another halod")
        credentials = question.getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")
        )
    pid, _, _ = struct.unpack("3i", credentials)
    return Holder(pid, _comm(pid) or "another halod")


def keepalived_processes() -> list[KeepalivedProcess]:
    """Those whose parent is no keepalived, in our own network namespace."""
    ours = _namespace("self")
    pids = [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _comm(int(entry.name)).startswith("keepalived")
    ]
    return [
        _describe(pid) for pid in pids if _namespace(str(pid)) == ours and _parent(pid) not in pids
    ]


def _describe(pid: int) -> KeepalivedProcess:
    file = KEEPALIVED_CONFIG
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        arguments = []
    for position, argument in enumerate(arguments):
        if argument in ("-f", "--use-file") and position + 1 < len(arguments):
            file = arguments[position + 1]
        elif argument.startswith("--use-file="):
            file = argument.partition("=")[2]
        elif argument.startswith("-f") and not argument.startswith("--"):
            file = argument[2:] or file
    base = f"/proc/{pid}/root" if file.startswith("/") else f"/proc/{pid}/cwd/"
    return KeepalivedProcess(pid, file, f"{base}{file}")


def _comm(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _parent(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line[:5] == "PPid:"), 0)


def _namespace(pid: str) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return ""

"""Other VRRP daemons in this network namespace: found, and kept out.

Knows abstract sockets and /proc. Must not end anybody, nor judge configurations.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Holder", "KeepalivedProcess", "claim", "keepalived_processes"]

KEEPALIVED_CONFIG = "/etc/keepalived/keepalived.conf"
_BUNDLED = "-[PCBlDGVXRIndxv]*{}(.*)"
"""A short option behind others that take no value, as getopt(3) reads `-lDf FILE`."""


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
    config_id: str | None = None
    """`-i`; None: it goes by the name of the machine."""


def claim(interface: str, virtual_router_id: int) -> socket.socket | Holder:
    """A socket that holds the pair until it is closed, or who holds it.

    Abstract sockets belong to the network namespace and vanish with their process: no stale file,
    no race (unix(7)).
    """
    name = f"halod/vrrp/{interface}/{virtual_router_id}"
    held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        held.bind(f"\0{name}")
    except OSError:
        held.close()
        return _holder(name)
    return held


def _holder(name: str) -> Holder:
    """Whoever has that socket open: it may be stopped, so it is not asked."""
    try:
        table = Path("/proc/thread-self/net/unix").read_bytes().decode(errors="replace")
    except OSError:
        table = ""
    rows = (line.split() for line in table.splitlines())
    inode = next((row[6] for row in rows if row[7:] == [f"@{name}"]), None)
    if inode is not None:
        for pid in _processes():
            if _has_open(pid, f"socket:[{inode}]"):
                return Holder(pid, _comm(pid) or "another halod")
    return Holder(0, "another halod")


def _has_open(pid: int, target: str) -> bool:
    try:
        return any(os.readlink(link) == target for link in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        # It ended meanwhile, or it closed one that was looked at.
        return False


def _processes() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def keepalived_processes() -> list[KeepalivedProcess]:
    """Those whose parent is no keepalived, in our own network namespace."""
    ours = _namespace("thread-self")
    pids = [pid for pid in _processes() if _is_keepalived(pid)]
    return [
        _describe(pid) for pid in pids if _namespace(str(pid)) == ours and _parent(pid) not in pids
    ]


def _describe(pid: int) -> KeepalivedProcess:
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        arguments = []
    file = _option(arguments, "f", "use-file") or KEEPALIVED_CONFIG
    base = f"/proc/{pid}/root" if file.startswith("/") else f"/proc/{pid}/cwd/"
    return KeepalivedProcess(pid, file, f"{base}{file}", _option(arguments, "i", "config-id"))


def _option(arguments: list[str], short: str, long: str) -> str | None:
    """The value of the last one, in any spelling of getopt(3)."""
    value = None
    bundled = re.compile(_BUNDLED.format(short))
    for position, argument in enumerate(arguments):
        following = "".join(arguments[position + 1 : position + 2])
        if argument == f"--{long}":
            value = following
        elif argument.startswith(f"--{long}="):
            value = argument.partition("=")[2]
        elif (found := bundled.fullmatch(argument)) is not None:
            value = found[1] or following or value
    return value


def _comm(pid: int) -> str:
    try:
        # A process calls itself what it likes: bytes that need not be text.
        return Path(f"/proc/{pid}/comm").read_bytes().decode(errors="replace").strip()
    except OSError:
        return ""


def _is_keepalived(pid: int) -> bool:
    """Not a halod that `process_name` calls so: it has claims of its own."""
    if not _comm(pid).startswith("keepalived"):
        return False
    try:
        return not Path(os.readlink(f"/proc/{pid}/exe")).name.startswith("python")
    except OSError:
        return True


def _parent(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_bytes().decode(errors="replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line[:5] == "PPid:"), 0)


def _namespace(pid: str) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return ""

"""The processes of this machine, as /proc shows them.

Knows the files of proc(5) and races with processes that end. Must not know who is looked for.

Read anew each time, and not heard from the kernel's process connector: that speaks in the first
network namespace alone (keepalived 2.2.7 in another one misses every change), and tells of each
fork of a busy machine.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from halod.model.track_process import VrrpTrackProcess

__all__ = ["NAME_BYTES", "count_processes"]

NAME_BYTES = 15
"""Bytes of a name that the kernel keeps (proc(5), /proc/PID/comm)."""
_ENDED = frozenset({"Z", "X", "x"})
_STAT = re.compile(rb"\d+ \((.*)\) (\S)", re.DOTALL)
PROC = Path("/proc")


def count_processes(tracked: Iterable[VrrpTrackProcess]) -> dict[str, int]:
    """How many of each run, by the name of its block."""
    wanted = list(tracked)
    counts = dict.fromkeys((each.name for each in wanted), 0)
    by_name: dict[str, list[VrrpTrackProcess]] = {}
    by_line = [each for each in wanted if each.compares_command_line]
    for each in wanted:
        if not each.compares_command_line:
            by_name.setdefault(_cut(each.command), []).append(each)
    for entry in os.scandir(PROC):
        if entry.name.isdecimal():
            name = _name(entry.path)
            if name is None:
                continue
            for each in by_name.get(name, ()):
                counts[each.name] += 1
            if by_line:
                line = _command_line(entry.path)
                for each in by_line:
                    counts[each.name] += each.fits(line)
    return counts


def _cut(name: str) -> str:
    raw = os.fsencode(name.rpartition("/")[2])[:NAME_BYTES]
    return raw.decode(errors="surrogateescape")


def _name(folder: str) -> str | None:
    """Of a process that runs; None: it has ended."""
    try:
        stat = Path(folder, "stat").read_bytes()
    except OSError:
        return None
    match = _STAT.match(stat)
    if match is None or match[2].decode() in _ENDED:
        return None
    return match[1].decode(errors="surrogateescape")


def _command_line(folder: str) -> tuple[str, ...]:
    try:
        raw = Path(folder, "cmdline").read_bytes()
    except OSError:
        return ()
    words = raw.removesuffix(b"\0").split(b"\0")
    return tuple(word.decode(errors="surrogateescape") for word in words)

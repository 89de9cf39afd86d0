"""Does a core run at all? A virtual machine is not always given its processors.

Knows proc(5): what the kernel accounts of each core. Must not know who waits for one.

A core that runs accounts for its time tick by tick, idle time included. One that the hypervisor has
taken away accounts for nothing until it is back.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

__all__ = ["accounted_s", "core_of", "read_accounted_s"]

_CORE = re.compile(r"cpu(\d+) (.+)")
_COLUMNS = 8
"""user, nice, system, idle, iowait, irq, softirq, steal; what follows is part of the first two."""
_PROCESSOR = 36
"""Of /proc/PID/stat, counted from behind the name: the core it was on last (proc(5), 39)."""
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def accounted_s(stat: str) -> dict[int, float]:
    """By core, the seconds since boot that a text of /proc/stat accounts for."""
    found = {}
    for line in stat.splitlines():
        match = _CORE.fullmatch(line)
        if match is not None:
            ticks = match[2].split()[:_COLUMNS]
            found[int(match[1])] = sum(map(int, ticks)) * _TICK_S
    return found


def read_accounted_s() -> dict[int, float]:
    """Of this machine now; empty where it does not say."""
    try:
        return accounted_s(Path("/proc/stat").read_text())
    except OSError:
        return {}


def core_of(pid: int) -> int | None:
    """The core that a process was on last; None where it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[_PROCESSOR])

"""What a process is called, and on which processors it may run.

Knows prctl(2) and sched_setaffinity(2). Must not know which process it is for. What is refused is
told and never fatal.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Collection

__all__ = ["name_process", "run_on"]

_PR_SET_NAME = 15
_prctl = ctypes.CDLL(None, use_errno=True).prctl
_ALLOWED = os.sched_getaffinity(0)
"""What this process was started with."""


def name_process(name: str) -> None:
    """For the main thread: that is what `ps` and `pgrep` show. An empty name changes nothing."""
    if name:
        _prctl(_PR_SET_NAME, ctypes.c_char_p(os.fsencode(name)), 0, 0, 0)


def run_on(cpus: Collection[int]) -> str:
    """All threads of this process; nothing named: wherever it might run before. Why it could not be
    done, or nothing."""
    wanted = set(cpus) or _ALLOWED
    if not cpus and os.sched_getaffinity(0) == _ALLOWED:
        return ""
    try:
        for thread in os.listdir("/proc/self/task"):
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(int(thread), wanted)
    except (OSError, ValueError):
        shown = " ".join(map(str, sorted(wanted)))
        return f"processors {shown}: none of them may be used here: it runs where it could before"
    return ""

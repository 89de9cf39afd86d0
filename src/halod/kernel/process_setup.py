"""What a process does to itself before it works: priority, memory, privileges, its parent's death.

Knows prctl(2), sched_setscheduler(2), mlockall(2) and capset(2). Must not know which process it is
for: each gets what its design gives it. What is refused is told and never fatal.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
from collections.abc import Iterator

__all__ = ["prepare_heartbeat"]

_libc = ctypes.CDLL(None, use_errno=True)

_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_NET_ADMIN, _CAP_NET_RAW = 12, 13
_CAP_LAST = 63

REAL_TIME_PRIORITY = 50
"""Middle of SCHED_RR: above every ordinary process, below the kernel's own watchdog threads."""


def prepare_heartbeat(parent: int) -> Iterator[tuple[str, str]]:
    """Sets the process up; yields (subject, reason) for what was refused.

    Ends with CAP_NET_ADMIN and CAP_NET_RAW alone. A parent that is gone already ends the process.
    """
    _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(0)
    try:
        os.sched_setscheduler(
            0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(REAL_TIME_PRIORITY)
        )
    except OSError as error:
        yield "scheduling", f"SCHED_RR refused ({error.strerror}): adverts may be late under load"
    reason = _lock_memory()
    if reason is not None:
        yield "memory", f"mlockall refused ({reason}): adverts may be late while memory is short"
    refused = _keep_capabilities({_CAP_NET_ADMIN, _CAP_NET_RAW})
    if refused is not None:
        yield "privileges", refused


def _lock_memory() -> str | None:
    """Keeps in core what was once touched. The limit goes first: without CAP_IPC_LOCK, which is
    dropped soon, every later mapping would count against it and fail."""
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY,) * 2)
    except (OSError, ValueError) as error:
        return f"RLIMIT_MEMLOCK: {error}"
    if _libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT):
        return os.strerror(ctypes.get_errno())
    return None


def _keep_capabilities(keep: set[int]) -> str | None:
    """Drops all others for good: from the bounding set first, which needs CAP_SETPCAP."""
    for capability in range(_CAP_LAST + 1):
        if capability not in keep:
            _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    bits = sum(1 << capability for capability in keep)
    low, high = bits & 0xFFFFFFFF, bits >> 32
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    data = struct.pack("=6I", low, low, 0, high, high, 0)
    if _libc.capset(header, data):
        return f"capset refused ({os.strerror(ctypes.get_errno())}): it runs with all privileges"
    return None

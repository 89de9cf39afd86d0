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

__all__ = ["REAL_TIME_PRIORITY", "prepare_heartbeat", "prepare_runner", "prepare_worker"]
__all__ += ["bound_capabilities", "die_with", "keep_capabilities", "prepare_service"]
__all__ += ["spare_children"]

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
WORKER_PRIORITY = REAL_TIME_PRIORITY - 1
"""A thread that works for the loop must never keep the loop waiting."""


def prepare_heartbeat(parent: int) -> Iterator[tuple[str, str]]:
    """Sets the process up; yields (subject, reason) for what was refused.

    Ends with CAP_NET_ADMIN and CAP_NET_RAW alone. A parent that is gone already ends the process.
    """
    die_with(parent)
    try:
        # Threads inherit it until `spare_children`: later they could not have it any more.
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REAL_TIME_PRIORITY))
    except OSError as error:
        yield "scheduling", f"SCHED_RR refused ({error.strerror}): adverts may be late under load"
    reason = _lock_memory()
    if reason is not None:
        yield "memory", f"not kept in core ({reason}): adverts may be late while memory is short"
    refused = keep_capabilities({_CAP_NET_ADMIN, _CAP_NET_RAW})
    if refused is not None:
        yield "privileges", refused


def prepare_runner(parent: int) -> None:
    """It keeps its privileges: it becomes other users. Each program that runs takes two descriptors
    of it, so it may have as many as the machine lets it have; its programs get the old limit."""
    die_with(parent)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def prepare_service(parent: int) -> str:
    """CAP_NET_ADMIN alone from now on, and what it starts may have no more; why not, if refused."""
    die_with(parent)
    return keep_capabilities({_CAP_NET_ADMIN}) or ""


def die_with(parent: int) -> None:
    """A parent that is gone already ends the process."""
    _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(0)


def prepare_worker() -> None:
    """For a thread of a prepared process, by itself: a little less urgent than the loop.

    Not ordinary: one that holds the interpreter's lock while others have the processor would keep
    the loop waiting.
    """
    _become(WORKER_PRIORITY)


def spare_children() -> None:
    """From now on nothing that this thread starts inherits its real-time scheduling."""
    _become(REAL_TIME_PRIORITY)


def _become(priority: int) -> None:
    """The flag and less priority may be had without any privilege; where SCHED_RR was refused at
    the start there is nothing to do."""
    if os.sched_getscheduler(0) == os.SCHED_RR:
        flags = os.SCHED_RR | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, flags, os.sched_param(priority))


def _lock_memory() -> str | None:
    """Keeps in core what was once touched. The limit goes first: without CAP_IPC_LOCK, which is
    dropped soon, every later mapping would count against it and fail."""
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY,) * 2)
    except (OSError, ValueError):
        limit_kib = resource.getrlimit(resource.RLIMIT_MEMLOCK)[1] // 1024
        return (
            f"the limit of {limit_kib} KiB on locked memory may not be raised; "
            "in a systemd unit: LimitMEMLOCK=infinity"
        )
    if _libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT):
        return f"mlockall: {os.strerror(ctypes.get_errno())}"
    return None


def bound_capabilities(keep: set[int]) -> None:
    """No program that is started from here may have others. Needs CAP_SETPCAP; refused it does no
    harm: nothing may gain any."""
    for capability in range(_CAP_LAST + 1):
        if capability not in keep:
            _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def keep_capabilities(keep: set[int]) -> str | None:
    """Drops all others for good: from the bounding set first."""
    bound_capabilities(keep)
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    bits = sum(1 << capability for capability in keep)
    low, high = bits & 0xFFFFFFFF, bits >> 32
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    data = struct.pack("=6I", low, low, 0, high, high, 0)
    if _libc.capset(header, data):
        return f"capset refused ({os.strerror(ctypes.get_errno())}): it runs with all privileges"
    return None

"""The checker gives its rights away before it asks the first server.

Knows users and capabilities. Must not know what is checked. What is refused is told and never
fatal: without the rights of root there are none to give away.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import resource
from collections.abc import Iterator

from halod.kernel.process_setup import bound_capabilities, die_with, keep_capabilities

__all__ = ["CAP_NET_ADMIN", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "prepare_checker"]

CAP_NET_BIND_SERVICE, CAP_NET_ADMIN, CAP_NET_RAW = 10, 12, 13
_PR_SET_KEEPCAPS = 8
NOBODY = "nobody"
NOBODY_ID = 65534
"""Where there is no such user."""
NICENESS = 5
"""Below the heartbeat, where that may not run in real time: a check may wait, an advert may not."""
DESCRIPTORS = 65536
"""One for each attempt that is on its way, and each may wait for `connect_timeout`."""

_libc = ctypes.CDLL(None, use_errno=True)


def prepare_checker(parent: int, capabilities: set[int]) -> Iterator[tuple[str, str]]:
    """Ends as `nobody` with these capabilities alone; yields (subject, reason) for what was
    refused. A parent that is gone already ends the process."""
    _raise_descriptors()
    os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    bound_capabilities(capabilities)
    _libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    refused = _become_nobody()
    if refused:
        yield "privileges of the checker", refused
    reason = keep_capabilities(capabilities)
    if reason is not None and os.geteuid() == 0:
        yield "privileges of the checker", reason
    # A change of user takes this back, so it comes last.
    die_with(parent)


def _raise_descriptors() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(hard, DESCRIPTORS)
    for limit in (wanted, hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        except (OSError, ValueError):
            # More than `hard` takes CAP_SYS_RESOURCE.
            continue
        return


def _become_nobody() -> str:
    """Why not; empty: it is, or it was nobody of importance before."""
    if os.geteuid() != 0:
        return ""
    try:
        entry = pwd.getpwnam(NOBODY)
        uid, gid = entry.pw_uid, entry.pw_gid
    except KeyError:
        uid = gid = NOBODY_ID
    try:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    except OSError as error:
        return f"it stays root, and may not become {NOBODY}: {error.strerror}"
    return ""

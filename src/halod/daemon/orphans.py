"""Process 1 of a container: the ends of processes that nobody here has started.

Knows waitid(2). Must not take the end of a child of ours: its keeper does. What a script has left
behind becomes a child of process 1 when the script ends, and stays a zombie until that asks for its
end (pid_namespaces(7)).
"""

from __future__ import annotations

import os
from collections.abc import Container

__all__ = ["reap_orphans"]

INIT = 1
AT_ONCE = 1000
"""The supervisor has other things to do."""


def reap_orphans(ours: Container[int | None]) -> None:
    """Takes all that have ended, as far as the first of `ours`. Nothing elsewhere than in process
    1, for nobody else is given orphans."""
    if os.getpid() != INIT:
        return
    for _ in range(AT_ONCE):
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid in ours:
            return
        os.waitid(os.P_PID, ended.si_pid, os.WEXITED | os.WNOHANG)

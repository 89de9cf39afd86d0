"""Tells systemd how we are (sd_notify(3)).

Knows one datagram. Without NOTIFY_SOCKET it does nothing.
"""

from __future__ import annotations

import os
import socket
import time

__all__ = ["notify", "reloading"]


def notify(*assignments: str) -> None:
    """`notify("READY=1", "STATUS=…")`. A manager that does not listen is no failure of ours, and
    one that reads nothing is not waited for (its queue has hundreds of places under systemd)."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    if path.startswith("@"):
        path = "\0" + path[1:]
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    with socket.socket(socket.AF_UNIX, kind) as connection:
        try:
            connection.sendto("\n".join(assignments).encode(), path)
        except OSError:
            return


def reloading() -> None:
    """A reload begins; READY=1 ends it. systemd wants to know when (CLOCK_MONOTONIC)."""
    now_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    notify("RELOADING=1", f"MONOTONIC_USEC={now_us}")

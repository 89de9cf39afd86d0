"""Tells systemd how we are (sd_notify(3)).

Knows one datagram. Without NOTIFY_SOCKET it does nothing.
"""

from __future__ import annotations

import os
import socket

__all__ = ["notify"]


def notify(*assignments: str) -> None:
    """`notify("READY=1", "STATUS=…")`. A manager that does not listen is no failure of ours."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    if path.startswith("@"):
        path = "\0" + path[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as connection:
        try:
            connection.sendto("\n".join(assignments).encode(), path)
        except OSError:
            return

"""TCP_CHECK: a connection is taken.

Knows that alone. Must not know what the server says on it.
"""

from __future__ import annotations

from halod.checker.visit import Visit
from halod.model.check import TcpCheck

__all__ = ["take_connection"]


async def take_connection(check: TcpCheck, visit: Visit) -> str:
    """OSError where it is refused."""
    await visit.connect(check.connection)
    return "connection taken"

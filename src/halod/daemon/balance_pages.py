"""What the service shows of itself, page by page: forty thousand servers are too much for one
message.

Knows how a page is cut. Must not know who asks. A page has whole virtual servers, and the next one
is asked for when this one has come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from halod.daemon.channel import Message
from halod.kernel.balancing_table import Counters
from halod.model.balance_view import BalanceView

__all__ = ["BalancePages"]

PAGE_SERVERS = 1000
"""Real servers after which a page ends: about 600 KiB, 20 ms of this process."""


class BalancePages:
    """Cut from one view, until it is asked for from its beginning again."""

    def __init__(self, engine: str, why: str) -> None:
        """What balances, and why it does."""
        self._engine = {"name": engine, "why": why}
        self._view: BalanceView | None = None
        self._counted: dict[tuple[str, str], dict[str, int]] = {}

    def page(
        self, first: int, view: Callable[[], BalanceView], counters: Callable[[], Counters]
    ) -> Message:
        """The virtual servers from that one on; `next`: where the next page begins, None at the
        end."""
        if first == 0 or self._view is None:
            self._view = view()
            self._counted = {
                (str(key), str(endpoint)): asdict(counted)
                for key, of_service in counters().items()
                for endpoint, counted in of_service.items()
            }
        servers = self._view.servers
        end, size = first, 0
        while end < len(servers) and size < PAGE_SERVERS:
            size += 1 + len(servers[end].real_servers)
            end += 1
        return {
            "type": "balance",
            "from": first,
            "next": end if end < len(servers) else None,
            "servers": [self._shown(asdict(each)) for each in servers[first:end]],
            "sync_role": self._view.sync_role,
            "engine": self._engine,
        }

    def _shown(self, server: dict[str, Any]) -> dict[str, Any]:
        """With what the kernel counts: the sum over all services of the virtual server."""
        for real in server["real_servers"]:
            found = [
                counted
                for service in server["services"]
                if (counted := self._counted.get((service, real["address"]))) is not None
            ]
            names = ("active", "inactive", "connections", "bytes_in", "bytes_out")
            sums = {name: sum(each[name] for each in found) for name in names}
            real.update(sums if found else dict.fromkeys(names))
        return server

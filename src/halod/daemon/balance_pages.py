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

__all__ = ["PAGE_SERVERS", "BalancePages"]

PAGE_SERVERS = 1000
"""Real servers after which a page ends: about 600 KiB, 20 ms of this process."""


class BalancePages:
    """Cut while things go on: each page is of its own moment. What the kernel counts is read when
    the first one is asked for."""

    def __init__(self, engine: str, why: str) -> None:
        """What balances, and why it does."""
        self._engine = {"name": engine, "why": why}
        self._counted: dict[tuple[str, str], dict[str, int | None]] = {}

    def page(self, first: int, view: BalanceView, counters: Callable[[], Counters]) -> Message:
        """`view`: the virtual servers from that one on, as many as fit. `next`: where the next page
        begins, None at the end."""
        if first == 0:
            self._counted = {
                (str(key), str(endpoint)): asdict(counted)
                for key, of_service in counters().items()
                for endpoint, counted in of_service.items()
            }
        end = first + len(view.servers)
        return {
            "type": "balance",
            "from": first,
            "next": end if first < end < view.total else None,
            "servers": [self._shown(asdict(each)) for each in view.servers],
            "sync_role": view.sync_role,
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
            real.update({name: _sum([each[name] for each in found]) for name in names})
        return server


def _sum(counted: list[int | None]) -> int | None:
    """None where one of them is not known, or where there is none."""
    known = [each for each in counted if each is not None]
    return sum(known) if known and len(known) == len(counted) else None

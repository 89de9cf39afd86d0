"""A clean stop: who is told what.

Knows keepalived's rules for that. Must not know how the table is emptied.

Nobody is told anything without `omega`. With it each server that serves goes down, then the virtual
server; where the services go at once (`lvs_flush_on_stop`) only the virtual servers are told of.
"""

from __future__ import annotations

from collections.abc import Iterable

from halod.balance.outbox import BalanceOutbox
from halod.balance.pool import Pool
from halod.model.virtual_server import LvsSettings

__all__ = ["stop_notices"]

SHUTTING_DOWN = "=> Shutting down <="
WHY = "halod stops"


def stop_notices(pools: Iterable[Pool], settings: LvsSettings, out: BalanceOutbox) -> None:
    """In the order of the file."""
    for pool in pools:
        if not pool.config.omega:
            continue
        if not settings.flush_on_stop and not pool.sorry_serves:
            for member in pool.members.values():
                pool.leave(member, out, why=WHY, mail=SHUTTING_DOWN)
        pool.quorum_up = False
        out.notices.append(pool.quorum_notice(WHY, SHUTTING_DOWN))

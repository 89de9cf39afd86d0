"""A virtual server as data for people.

Knows how each figure of the view is reckoned. Must not know how it is printed.
"""

from __future__ import annotations

from halod.balance.member import Member
from halod.balance.names import check_kind
from halod.balance.pool import Pool
from halod.engine.table_work import TableWork
from halod.model.balance_view import RealServerView, VirtualServerView
from halod.model.units import Instant

__all__ = ["virtual_server_view"]


def virtual_server_view(pool: Pool, table: TableWork, now: Instant) -> VirtualServerView:
    """The view of one pool at `now`."""
    config = pool.config
    return VirtualServerView(
        name=config.title,
        services=tuple(map(str, config.services)),
        scheduler=config.scheduler,
        persistence_s=config.persistence.as_seconds() if config.persistence.ns else None,
        state="UP" if pool.quorum_up else "DOWN",
        quorum=config.quorum,
        weight_up=pool.weight_up,
        sorry_server=str(config.sorry_server.endpoint) if config.sorry_server else None,
        uses_sorry_server=pool.sorry_serves,
        suspended=pool.suspended,
        alarm=table.alarm(pool.title),
        real_servers=tuple(
            _real_server_view(pool, member, table, now) for member in pool.members.values()
        ),
    )


def _real_server_view(pool: Pool, member: Member, table: TableWork, now: Instant) -> RealServerView:
    config = member.config
    failing = member.failing > 0
    state = "DOWN" if failing else "UP" if member.is_known else "UNKNOWN"
    failed_at, ends = member.last_failure_at, member.admin_ends
    return RealServerView(
        address=str(config.endpoint),
        state=state,
        admin=member.admin.value,
        admin_ends_in_s=(ends - now).as_seconds() if ends else None,
        weight=member.weight,
        weight_effective=table.weight_held(pool.title, config.endpoint),
        method=config.forwarding.method.value,
        checks=tuple(check_kind(state.check) for state in member.checks),
        why=member.why(),
        last_failure=member.last_failure or None,
        last_failure_ago_s=(now - failed_at).as_seconds() if failed_at else None,
        in_state_s=(now - member.since).as_seconds() if member.since else None,
    )

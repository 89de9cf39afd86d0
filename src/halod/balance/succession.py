"""A reload: what a pool takes over from the one before.

Knows keepalived's rules for that. Must not know which pools there are.

A server that is in both files keeps its state, its orders and what its checks found; a check that
asks something else begins anew, and until it has run the server is what it was. Where another check
fails already, new checks with `alpha` count as failing too. A server that is new begins as at the
start; one that is gone goes down first, and that is told.
"""

from __future__ import annotations

from halod.balance.inheritance import same_checks
from halod.balance.member import Member
from halod.balance.outbox import BalanceOutbox
from halod.balance.pool import Pool
from halod.model.balance_fact import ServerRemoved, VirtualServerRemoved
from halod.model.units import Instant

__all__ = ["retire", "succeed"]

REMOVING = "=> Removing <="
"""First line of the mail, in keepalived's words."""
GONE = "it is no longer in the file"


def succeed(old: Pool, new: Pool, now: Instant, out: BalanceOutbox) -> None:
    """`new` goes on where `old` was: the same virtual server in another file."""
    new.quorum_up, new.told_down = old.quorum_up, old.told_down
    new.sorry_serves = old.sorry_serves and new.config.sorry_server is not None
    new.suspended = old.suspended
    for endpoint, member in old.members.items():
        if endpoint not in new.members:
            out.facts.append(ServerRemoved(old.title, old.name, member.name))
            old.leave(member, out, why=GONE, mail=REMOVING)
    known = new.members.keys() & old.members.keys()
    for endpoint in known:
        _inherit(old.members[endpoint], new.members[endpoint])
    new.begin(now, out, known=frozenset(known))


def _inherit(old: Member, new: Member) -> None:
    new.order(old.admin, old.admin_ends)
    new.since, new.was_alive, new.told_down = old.since, old.was_alive, old.told_down
    new.last_failure, new.last_failure_at = old.last_failure, old.last_failure_at
    found = same_checks(old.config.checks, new.config.checks)
    for number, state in enumerate(new.checks):
        if number in found:
            before = old.checks[found[number]]
            state.up, state.known, state.detail = before.up, before.known, before.detail
            state.weight = before.weight
            state.move(new.config.weight)
        else:
            state.up = True
    failing = any(state.known and not state.up for state in new.checks)
    if failing or not (old.was_alive or any(state.known for state in new.checks)):
        new.begin_as_down()
    new.count()


def retire(pool: Pool, out: BalanceOutbox) -> None:
    """The virtual server is in the file no longer."""
    out.facts.append(VirtualServerRemoved(pool.title, pool.name))
    for member in pool.members.values():
        pool.leave(member, out, why=GONE, mail=REMOVING)
    if pool.quorum_up:
        pool.quorum_up = False
        sums = f"{pool.config.quorum}+{pool.config.hysteresis}"
        limit = pool.config.quorum - pool.config.hysteresis
        out.notices.append(pool.quorum_notice(GONE, f"=> Lost quorum {sums}={limit} <= 0 <="))

"""A router as data for people.

Knows how each figure of the view is reckoned. Must not know how it is printed.
"""

from __future__ import annotations

from halod.model.election import skew_time
from halod.model.state import State
from halod.model.units import Duration, Instant
from halod.model.view import InstanceView
from halod.vrrp.drops import DropLedger
from halod.vrrp.lease import lease_of, two_owners_bound
from halod.vrrp.machine import TimerKind, VirtualRouter
from halod.vrrp.why import explain

__all__ = ["instance_view"]

PEER_PRIORITY_FASTEST = 254
"""The peer that takes over soonest, and so the worst for two owners (RFC 9568, 6.1)."""


def instance_view(router: VirtualRouter, drops: DropLedger, now: Instant) -> InstanceView:
    """The view of one router at `now`."""
    config, term = router.config, router.term
    is_master = router.state is State.MASTER
    followed = None if is_master or router.state is State.FAULT else router.rivals.master
    down = router.timers.get(TimerKind.MASTER_DOWN)
    own, rival = router.own_address, router.rivals.weaker
    skew = skew_time(config.version, PEER_PRIORITY_FASTEST, config.advert_interval)
    master = own if is_master else followed.source if followed else None
    return InstanceView(
        name=config.name,
        interface=config.interface,
        virtual_router_id=config.virtual_router_id,
        version=config.version.value,
        state=router.state.value,
        cause=router.cause.sentence(),
        why=explain(router, now),
        in_state_s=_seconds(now - router.since if router.since else None),
        priority=config.priority,
        own_address=str(own) if own else None,
        master=str(master) if master else None,
        master_priority=config.priority if is_master else followed.priority if followed else None,
        master_heard_ago_s=_seconds(now - followed.at if followed else None),
        master_down_in_s=_seconds(down - now if down else None),
        rival=str(rival.source) if rival else None,
        addresses=tuple(map(str, config.addresses)),
        holds_addresses=term is not None,
        foreign_addresses=tuple(map(str, term.foreign)) if term else (),
        term=router.terms,
        lease_s=_seconds(lease_of(config)),
        two_owners_bound_s=_seconds(two_owners_bound(config, skew)),
        adverts_sent=router.adverts_sent,
        adverts_received=router.adverts_received,
        adverts_dropped={reason.value: count for reason, count in drops.counts.items()},
    )


def _seconds(span: Duration | None) -> float | None:
    return None if span is None else span.as_seconds()

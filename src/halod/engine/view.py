"""A router as data for people.

Knows how each figure of the view is reckoned. Must not know how it is printed.
"""

from __future__ import annotations

from halod.model.advert import PRIORITY_RESIGN
from halod.model.election import skew_time
from halod.model.state import State
from halod.model.units import Duration, Instant
from halod.model.view import InstanceView
from halod.model.vrrp import VrrpInstance
from halod.vrrp.drops import DropLedger
from halod.vrrp.lease import two_owners_bound
from halod.vrrp.machine import VirtualRouter
from halod.vrrp.timer_kind import TimerKind
from halod.vrrp.why import alarm, explain

__all__ = ["instance_view"]

PEER_PRIORITY_FASTEST = 254
"""The peer that takes over soonest, and so the worst for two owners (RFC 9568, 6.1)."""


def instance_view(router: VirtualRouter, drops: DropLedger, now: Instant) -> InstanceView:
    """The view of one router at `now`."""
    config, term, lease = router.config, router.term, router.shared_lease()
    is_master = router.state is State.MASTER
    followed = None if is_master else router.rivals.master
    if followed is not None and followed.priority == PRIORITY_RESIGN:
        followed = None
    down = router.timers.get(TimerKind.MASTER_DOWN)
    own, rival = router.own_address, router.rivals.weaker
    skew = skew_time(config.version, PEER_PRIORITY_FASTEST, config.advert_interval)
    master = own if is_master else followed.source if followed else None
    ignored = _ignored(router, drops, now)
    why = explain(router, now) + ignored
    return InstanceView(
        name=config.name,
        interface=config.interface,
        virtual_mac=None if config.vmac is None else str(config.vmac),
        virtual_router_id=config.virtual_router_id,
        version=config.version.value,
        state=router.state.value,
        cause=router.cause.sentence(),
        why=why,
        # A master that does not understand another one is the commonest way to two of them.
        alarm=alarm(router, now) or (why if is_master and ignored else None),
        in_state_s=_seconds(now - router.since if router.since else None),
        priority=router.priority,
        own_address=str(own) if own else None,
        sends_to=_destinations(config),
        signs_with=_signature(config),
        accepts_traffic=not config.is_deaf,
        master=str(master) if master else None,
        master_priority=router.priority if is_master else followed.priority if followed else None,
        master_interval_s=_seconds(followed.interval if followed else None),
        master_heard_ago_s=_seconds(now - followed.at if followed else None),
        master_down_in_s=_seconds(down - now if down else None),
        rival=str(rival.source) if rival else None,
        addresses=tuple(map(str, config.addresses)),
        excluded_addresses=tuple(map(str, config.excluded)),
        holds_addresses=term is not None,
        foreign_addresses=tuple(map(str, term.foreign)) if term else (),
        sync_group=router.membership.group if router.membership else None,
        term=router.terms,
        lease_mode=router.lease.mode.value,
        lease_s=_seconds(lease.span),
        two_owners_bound_s=_seconds(two_owners_bound(config, lease, skew)),
        adverts_sent=router.adverts_sent,
        adverts_received=router.adverts_received,
        adverts_dropped={reason.value: count for reason, count in drops.counts.items()},
        resignations_sent=router.resignations_sent,
        resignations_received=router.resignations_received,
        masterships_ended=router.masterships_ended,
    )


def _signature(config: VrrpInstance) -> str | None:
    policy = config.auth_hmac
    if config.ah_key is not None:
        return "AH"
    return None if policy is None else f"auth_hmac {policy.mode.value}, key {policy.active}"


def _destinations(config: VrrpInstance) -> tuple[str, ...]:
    if config.unicast is None:
        return (str(config.group),)
    return tuple(str(peer.address) for peer in config.unicast.peers)


def _ignored(router: VirtualRouter, drops: DropLedger, now: Instant) -> str:
    """A node that hears no master may only not understand it: the commonest way to two masters."""
    last, follows = drops.last, router.rivals.master is not None
    if last is None or follows or router.state in (State.INITIALIZE, State.FAULT):
        return ""
    if now - last.at > router.master_down():
        return ""
    return f". It ignores adverts from {last.source}: {last.detail}"


def _seconds(span: Duration | None) -> float | None:
    return None if span is None else span.as_seconds()

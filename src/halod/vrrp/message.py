"""The advert of an instance, encoded: what it sends while it lives and when it resigns.

Knows how a configuration becomes a message. Must not know the state of the router: the supervisor
sends a resignation for a heartbeat that is dead.
"""

from __future__ import annotations

from halod.model.address import IpAddress
from halod.model.advert import PRIORITY_RESIGN, Advert
from halod.model.effect import SendAdvert
from halod.model.vrrp import VrrpInstance
from halod.wire import vrrp, vrrp2

__all__ = ["advert_of", "resignation"]


def advert_of(instance: VrrpInstance, source: IpAddress, priority: int) -> SendAdvert:
    """The advert that says this priority, 0 to 255 (RFC 9568, 5.2)."""
    advert = Advert(
        version=instance.version,
        virtual_router_id=instance.virtual_router_id,
        priority=priority,
        interval=instance.advert_interval,
        addresses=tuple(address.address for address in instance.addresses),
        auth_type=vrrp2.AUTH_PASS if instance.password else vrrp2.AUTH_NONE,
        auth_data=instance.password.secret if instance.password else b"",
    )
    return SendAdvert(
        instance.name,
        instance.interface,
        source,
        vrrp.GROUP_V4,
        vrrp.encode(advert),
        priority,
    )


def resignation(instance: VrrpInstance, source: IpAddress) -> SendAdvert:
    """Priority 0: the next master may come (RFC 9568, 6.4.3)."""
    return advert_of(instance, source, PRIORITY_RESIGN)

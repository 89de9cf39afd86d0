"""The advert of an instance, encoded: what it sends while it lives and when it resigns.

Knows how a configuration becomes a message. Must not know the state of the router: the supervisor
sends a resignation for a heartbeat that is dead.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.address import IpAddress
from halod.model.advert import PRIORITY_RESIGN, Advert
from halod.model.effect import SendAdvert
from halod.model.unicast import OldChecksum
from halod.model.vrrp import VrrpInstance, VrrpVersion
from halod.wire import vrrp, vrrp2
from halod.wire.envelope import Envelope

__all__ = ["LastAdvert", "advert_of", "auth_type", "resignation"]


def advert_of(
    instance: VrrpInstance, source: IpAddress, priority: int, *, old_checksum: bool = False
) -> SendAdvert:
    """The advert that says this priority, 0 to 255 (RFC 9568, 5.2).

    `old_checksum`: a peer was heard that sums unicast as keepalived up to 1.3.6 did.
    """
    advert = Advert(
        version=instance.version,
        virtual_router_id=instance.virtual_router_id,
        priority=priority,
        interval=instance.advert_interval,
        addresses=tuple(address.address for address in instance.addresses),
        auth_type=auth_type(instance),
        auth_data=instance.password.secret if instance.password else b"",
    )
    unicast = instance.unicast
    if unicast is None:
        message = vrrp.encode(advert, Envelope(source, instance.group, instance.checksum_v3_as_v2))
        vmac = instance.vmac
        return SendAdvert(
            instance.name,
            instance.interface,
            source,
            instance.group,
            message,
            priority,
            hardware_source=None if vmac is None or vmac.transmits_base else vmac.hardware_address,
        )
    assert unicast.peers, "without peers it is in FAULT"
    as_old = old_checksum or unicast.old_checksum is OldChecksum.ALWAYS
    # What the destination does not change is the same object for all peers.
    one_for_all = as_old or instance.version is VrrpVersion.V2 or instance.checksum_v3_as_v2
    message = vrrp.encode(advert, Envelope(source, instance.group, instance.checksum_v3_as_v2))
    (destination, first), *others = (
        (
            peer.address,
            message if one_for_all else vrrp.encode(advert, Envelope(source, peer.address)),
        )
        for peer in unicast.peers
    )
    return SendAdvert(
        instance.name,
        instance.interface,
        source,
        destination,
        first,
        priority,
        tuple(others),
        unicast.ttl,
    )


def auth_type(instance: VrrpInstance) -> int:
    """v2: what its adverts say of their authentication (RFC 2338, 5.3.6)."""
    if instance.ah_key is not None:
        return vrrp2.AUTH_HEADER
    return vrrp2.AUTH_PASS if instance.password else vrrp2.AUTH_NONE


@dataclass(slots=True)
class LastAdvert:
    """The advert that was made last, for as long as the next would be the same: nearly always."""

    _instance: VrrpInstance | None = None
    _made: SendAdvert | None = None
    old_checksum: bool = False
    """As in `advert_of`."""

    def speak_old(self) -> None:
        """From now on `old_checksum`."""
        self.old_checksum, self._made = True, None

    def make(self, instance: VrrpInstance, source: IpAddress, priority: int) -> SendAdvert:
        """As `advert_of`. A configuration or a source that changed is another object."""
        made = self._made
        if (
            made is None
            or made.priority != priority
            or made.source is not source
            or self._instance is not instance
        ):
            made = advert_of(instance, source, priority, old_checksum=self.old_checksum)
            self._made, self._instance = made, instance
        return made


def resignation(instance: VrrpInstance, source: IpAddress) -> SendAdvert:
    """Priority 0: the next master may come (RFC 9568, 6.4.3)."""
    return advert_of(instance, source, PRIORITY_RESIGN)

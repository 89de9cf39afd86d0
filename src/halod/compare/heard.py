"""The virtual routers heard on a link, against the instances of a file.

Knows adverts and configurations. Must not know how they were heard.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address

from halod.model.address import IpAddress
from halod.model.advert import PRIORITY_RESIGN, Advert
from halod.model.drop import DropReason
from halod.model.event import AdvertReceived
from halod.model.units import Instant
from halod.model.vrrp import VrrpInstance, VrrpVersion
from halod.vrrp.admission import Refusal, Verify, admit
from halod.vrrp.auth_headers import AuthHeaders
from halod.vrrp.sequence_memory import VolatileMemory
from halod.wire import vrrp
from halod.wire.envelope import Envelope

__all__ = ["HeardRouter", "heard_routers"]

_NOBODY = IPv4Address(0)
"""No source of an advert: whose address is whose is not looked at here."""


@dataclass(frozen=True, slots=True)
class HeardRouter:
    """One sender's adverts for one VRID."""

    virtual_router_id: int
    source: IpAddress
    ours: bool
    """Sent by this machine."""
    advert: Advert | None
    """The last one; None: what it sends is no advert."""
    fault: str
    """Why it is none; else empty."""
    count: int
    """Heard in all."""
    relation: str
    """To the file, in a few words; empty: the file has no such VRID on this link."""
    collides: bool
    """The VRID is in the file, and this is no peer that would be understood."""


def heard_routers(
    packets: Iterable[tuple[AdvertReceived, bool]], instances: Iterable[VrrpInstance]
) -> list[HeardRouter]:
    """By VRID and sender. `packets`: each with whether this machine sent it."""
    by_vrid = {instance.virtual_router_id: instance for instance in instances}
    found: dict[tuple[int, IpAddress, bool], HeardRouter] = {}
    for event, ours in packets:
        vrid = vrrp.peek_virtual_router_id(event.payload)
        if vrid is None:
            continue
        key = (vrid, event.source, ours)
        count = found[key].count + 1 if key in found else 1
        advert, fault = _read(event)
        relation, collides = "", False
        instance = by_vrid.get(vrid)
        if instance is not None:
            relation, collides = _relation(instance, event, advert, ours=ours)
        found[key] = HeardRouter(vrid, event.source, ours, advert, fault, count, relation, collides)
    return [found[key] for key in sorted(found, key=lambda k: (k[0], int(k[1])))]


def _read(event: AdvertReceived) -> tuple[Advert | None, str]:
    """In the version that it says it has; v3 with either checksum (RFC 9568, 5.2.8)."""
    try:
        version = VrrpVersion(event.payload[0] >> 4)
    except ValueError:
        return None, f"VRRP version {event.payload[0] >> 4}"
    outcome: Advert | DropReason = DropReason.TOO_SHORT
    for as_v2 in (False, True):
        envelope = Envelope(event.source, event.destination, as_v2)
        outcome = vrrp.decode(event.payload, version, envelope)
        if isinstance(outcome, Advert):
            return outcome, ""
    assert isinstance(outcome, DropReason)
    return None, outcome.value.replace("_", " ")


def _relation(
    instance: VrrpInstance, event: AdvertReceived, advert: Advert | None, *, ours: bool
) -> tuple[str, bool]:
    name = instance.name
    if ours:
        return f"{name}: this machine", False
    own = {address.address for address in instance.addresses}
    if advert is not None and advert.addresses and own and not own & set(advert.addresses):
        return f"collides with {name}: other addresses, so another cluster's", True
    if advert is not None and advert.priority == PRIORITY_RESIGN:
        return f"{name}: a peer that resigns", False
    admitted = admit(instance, _NOBODY, event, _verify_of(instance, event))
    if isinstance(admitted, Refusal):
        return f"collides with {name}: {admitted.detail}", True
    return f"{name}: a peer", False


def _verify_of(instance: VrrpInstance, event: AdvertReceived) -> Verify | None:
    """The key of AH tells a peer from another cluster; sequences are nobody's business here."""
    if instance.ah_key is None:
        return None

    def verify(_: bytes, __: bytes) -> Refusal | None:
        why = AuthHeaders(VolatileMemory).verify(instance, event, Instant(0))
        return None if why is None else Refusal(*why)

    return verify

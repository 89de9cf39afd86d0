"""Whether a received advert counts for an instance.

Knows the checks and their order. Must not know states: an advert that is admitted may still lose.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from halod.model.address import IpAddress
from halod.model.advert import Advert
from halod.model.drop import DropReason
from halod.model.event import AdvertReceived
from halod.model.unicast import OldChecksum, Unicast
from halod.model.units import ZERO
from halod.model.vrrp import VrrpInstance, VrrpVersion
from halod.vrrp.message import auth_type
from halod.wire import vrrp, vrrp2
from halod.wire.envelope import Envelope
from halod.wire.hmac_trailer import message_length

__all__ = ["Refusal", "Verify", "admit", "is_addressed"]

_AUTH_NAMES = {0: "no authentication", 1: "PASS", 2: "AH"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an advert does not count."""

    reason: DropReason
    detail: str
    """Expected and found, for the log; never a secret."""


Verify = Callable[[bytes, bytes], Refusal | None]
"""Given a message and what stands behind it: why its signature does not do; None: it does."""


def admit(
    instance: VrrpInstance,
    own_address: IpAddress,
    event: AdvertReceived,
    verify: Verify | None = None,
) -> Advert | Refusal:
    """The advert, or why it is dropped; never raises, whatever the bytes.

    The checks are those of RFC 3768, 7.1 (v2) and RFC 9568, 7.1 (v3); an advert from our own
    address is dropped too. What holds for unicast is keepalived's. `verify`, of `auth_hmac`,
    comes last: it is the dear one, and remembers what it has passed. That of AH comes sooner.
    """
    unicast = instance.unicast
    if unicast is None and event.ttl != vrrp.TTL:
        return Refusal(DropReason.BAD_TTL, f"TTL {event.ttl}, wanted 255: it crossed a router")
    message, rest = _split(instance, event)
    advert = vrrp.decode(message, instance.version, _envelope(instance, event, rest))
    if isinstance(advert, DropReason):
        return Refusal(advert, _malformed(advert, instance, event))
    if event.source == own_address:
        return Refusal(
            DropReason.OWN_SOURCE, "it carries this node's own address: is the address used twice?"
        )
    misplaced = _multicast(instance, event) if unicast is None else _unicast(unicast, event)
    if misplaced is not None:
        return misplaced
    if instance.ah_key is not None and verify is not None:
        # keepalived too counts a sequence that it has verified, whatever else is wrong: else
        # our adverts would not be above those of a peer that is only configured otherwise.
        refusal = verify(message, rest)
        if refusal is not None:
            return refusal
        verify = None
    for check in _CHECKS[instance.version]:
        refusal = check(instance, advert, event)
        if refusal is not None:
            return refusal
    return advert if verify is None else verify(message, rest) or advert


def _split(instance: VrrpInstance, event: AdvertReceived) -> tuple[bytes, bytes]:
    """The message, and what stands behind it where a signature may."""
    if instance.auth_hmac is None:
        return event.payload, b""
    length = message_length(event.payload, len(event.source.packed))
    return event.payload[:length], b"" if length is None else event.payload[length:]


def _envelope(instance: VrrpInstance, event: AdvertReceived, trailer: bytes) -> Envelope:
    unicast = instance.unicast
    accepts_old = unicast is not None and unicast.old_checksum is not OldChecksum.NEVER
    return Envelope(
        event.source,
        event.destination,
        instance.checksum_v3_as_v2,
        instance.group if accepts_old else None,
        trailer,
    )


def _multicast(instance: VrrpInstance, event: AdvertReceived) -> Refusal | None:
    if event.destination == instance.group:
        return None
    hint = "compare `mcast_dst_ip`" if event.destination.is_multicast else "it uses `unicast_peer`"
    return Refusal(
        DropReason.WRONG_DESTINATION,
        f"sent to {event.destination}, wanted {instance.group}: {hint}",
    )


def _unicast(unicast: Unicast, event: AdvertReceived) -> Refusal | None:
    if event.destination.is_multicast:
        return Refusal(
            DropReason.WRONG_DESTINATION,
            f"sent to the group {event.destination}, wanted unicast: its sender has no "
            "`unicast_peer`",
        )
    if not unicast.checks_source:
        return None
    peer = unicast.peer(event.source)
    if peer is None:
        return Refusal(DropReason.NOT_A_PEER, f"{event.source} is not in `unicast_peer`")
    if peer.ttl_min <= event.ttl <= peer.ttl_max:
        return None
    return Refusal(DropReason.BAD_TTL, f"TTL {event.ttl}, wanted {peer.ttl_min} to {peer.ttl_max}")


def is_addressed(instance: VrrpInstance, event: AdvertReceived) -> bool:
    """Whether an advert of its VRID is meant for this instance, and for no other that has the
    VRID: unicast and each group have VRIDs of their own, and so have peers that do not overlap."""
    if instance.unicast is None:
        return event.destination == instance.group
    return not event.destination.is_multicast and instance.unicast.peer(event.source) is not None


def _malformed(reason: DropReason, instance: VrrpInstance, event: AdvertReceived) -> str:
    if reason is DropReason.BAD_VERSION:
        found = event.payload[0] >> 4 if event.payload else 0
        return f"VRRP version {found}, wanted {instance.version.value}"
    words = {
        DropReason.TOO_SHORT: "shorter than its address list asks for",
        DropReason.TOO_LONG: "longer than its address list asks for",
        DropReason.BAD_TYPE: "not an ADVERTISEMENT",
        DropReason.BAD_CHECKSUM: "wrong checksum",
    }
    return f"{words.get(reason, reason.value)} ({len(event.payload)} bytes)"


def _authentication(
    instance: VrrpInstance, advert: Advert, event: AdvertReceived
) -> Refusal | None:
    """RFC 2338, 7.1 and 5.3.6."""
    expected = auth_type(instance)
    found_type = advert.auth_type if event.auth_header is None else vrrp2.AUTH_HEADER
    if not advert.auth_type == found_type == expected:
        found = _AUTH_NAMES.get(found_type, f"type {found_type}")
        wanted = "auth_hmac" if instance.auth_hmac else _AUTH_NAMES[expected]
        return Refusal(
            DropReason.AUTH_TYPE_MISMATCH,
            f"authentication {found}, wanted {wanted}: compare `auth_type`",
        )
    if instance.password:
        secret = instance.password.secret.ljust(vrrp2.AUTH_LENGTH, b"\0")
        if not hmac.compare_digest(advert.auth_data, secret):
            return Refusal(DropReason.AUTH_FAILED, "another password: compare `auth_pass`")
    return None


def _same_interval(instance: VrrpInstance, advert: Advert, _: AdvertReceived) -> Refusal | None:
    """RFC 3768, 7.1: the interval must be the one configured here."""
    if advert.interval == instance.advert_interval:
        return None
    return Refusal(
        DropReason.INTERVAL_MISMATCH,
        f"advert interval {advert.interval.as_seconds():g} s, wanted "
        f"{instance.advert_interval.as_seconds():g} s: compare `advert_int`",
    )


def _some_interval(_: VrrpInstance, advert: Advert, __: AdvertReceived) -> Refusal | None:
    """RFC 9568, 6.4.2: it is adopted, so it must not be 0."""
    if advert.interval > ZERO:
        return None
    return Refusal(DropReason.INTERVAL_ZERO, "advert interval 0: no master can keep that")


_Check = Callable[[VrrpInstance, Advert, AdvertReceived], Refusal | None]

_CHECKS: dict[VrrpVersion, tuple[_Check, ...]] = {
    VrrpVersion.V2: (_authentication, _same_interval),
    VrrpVersion.V3: (_some_interval,),
}
"""What a version asks for beyond the checks that all have in common, in this order."""

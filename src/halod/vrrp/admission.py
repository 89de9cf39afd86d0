"""Whether a received advert counts for an instance.

Knows the checks and their order. Must not know states: an advert that is admitted may still lose.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from halod.model.address import IpAddress
from halod.model.advert import Advert
from halod.model.drop import DropReason
from halod.model.event import AdvertReceived
from halod.model.vrrp import VrrpInstance, VrrpVersion
from halod.wire import vrrp, vrrp2

__all__ = ["Refusal", "admit"]

_AUTH_NAMES = {0: "no authentication", 1: "PASS", 2: "AH"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an advert does not count."""

    reason: DropReason
    detail: str
    """Expected and found, for the log; never a secret."""


def admit(
    instance: VrrpInstance, own_address: IpAddress, event: AdvertReceived
) -> Advert | Refusal:
    """The advert, or why it is dropped; never raises, whatever the bytes.

    The checks are those of RFC 3768, 7.1 (v2); an advert from our own address is dropped too.
    """
    if event.ttl != vrrp.TTL:
        return Refusal(DropReason.BAD_TTL, f"TTL {event.ttl}, wanted 255: it crossed a router")
    advert = vrrp.decode(event.payload, instance.version)
    if isinstance(advert, DropReason):
        return Refusal(advert, _malformed(advert, instance, event))
    if event.source == own_address:
        return Refusal(
            DropReason.OWN_SOURCE, "it carries this node's own address: is the address used twice?"
        )
    if event.destination != vrrp.GROUP_V4:
        return Refusal(
            DropReason.WRONG_DESTINATION, f"sent to {event.destination}, wanted {vrrp.GROUP_V4}"
        )
    if instance.version is VrrpVersion.V2:
        return _admit_v2(instance, advert)
    return advert


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


def _admit_v2(instance: VrrpInstance, advert: Advert) -> Advert | Refusal:
    expected = vrrp2.AUTH_PASS if instance.password else vrrp2.AUTH_NONE
    if advert.auth_type != expected:
        found = _AUTH_NAMES.get(advert.auth_type, f"type {advert.auth_type}")
        return Refusal(
            DropReason.AUTH_TYPE_MISMATCH,
            f"authentication {found}, wanted {_AUTH_NAMES[expected]}: compare `auth_type`",
        )
    if instance.password:
        secret = instance.password.secret.ljust(vrrp2.AUTH_LENGTH, b"\0")
        if not hmac.compare_digest(advert.auth_data, secret):
            return Refusal(DropReason.AUTH_FAILED, "another password: compare `auth_pass`")
    if advert.interval != instance.advert_interval:
        return Refusal(
            DropReason.INTERVAL_MISMATCH,
            f"advert interval {advert.interval.as_seconds():g} s, wanted "
            f"{instance.advert_interval.as_seconds():g} s: compare `advert_int`",
        )
    return advert

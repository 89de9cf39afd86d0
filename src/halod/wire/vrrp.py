"""What is common to the versions of VRRP: protocol number, groups, and which codec serves.

Knows how to look at a message before it is decoded. Must not know any configuration.
"""

from __future__ import annotations

from collections.abc import Callable

from halod.model.advert import Advert
from halod.model.drop import DropReason
from halod.model.vrrp import GROUP_V4, VrrpVersion
from halod.wire import vrrp2, vrrp3
from halod.wire.envelope import PROTOCOL, Envelope

__all__ = ["GROUP_V4", "PROTOCOL", "TTL", "decode", "encode", "peek_virtual_router_id"]

TTL = 255
"""RFC 9568, 5.1.1.3: anything less has crossed a router."""

_ENCODE: dict[VrrpVersion, Callable[[Advert, Envelope], bytes]] = {
    VrrpVersion.V2: lambda advert, _: vrrp2.encode(advert),
    VrrpVersion.V3: vrrp3.encode,
}
_DECODE: dict[VrrpVersion, Callable[[bytes, Envelope], Advert | DropReason]] = {
    VrrpVersion.V2: lambda message, _: vrrp2.decode(message),
    VrrpVersion.V3: vrrp3.decode,
}


def peek_virtual_router_id(message: bytes) -> int | None:
    """The VRID, 0 to 255: the same byte in every version; None where there is none."""
    return message[1] if len(message) >= 2 else None


def encode(advert: Advert, envelope: Envelope) -> bytes:
    """The message of this advert in its own version."""
    return _ENCODE[advert.version](advert, envelope)


def decode(message: bytes, version: VrrpVersion, envelope: Envelope) -> Advert | DropReason:
    """The advert in a message of the version that the instance speaks, or why there is none."""
    if message[:1] and message[0] >> 4 != version.value:
        return DropReason.BAD_VERSION
    return _DECODE[version](message, envelope)

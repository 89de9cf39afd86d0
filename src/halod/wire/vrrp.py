"""What is common to the versions of VRRP: protocol number, groups, and which codec serves.

Knows how to look at a message before it is decoded. Must not know any configuration.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from halod.model.advert import Advert
from halod.model.drop import DropReason
from halod.model.vrrp import VrrpVersion
from halod.wire import vrrp2

__all__ = ["GROUP_V4", "PROTOCOL", "TTL", "decode", "encode", "peek_virtual_router_id"]

PROTOCOL = 112
"""IP protocol number (RFC 9568, 5.1.1.4)."""
GROUP_V4 = IPv4Address("224.0.0.18")
"""RFC 9568, 5.1.1.2."""
TTL = 255
"""RFC 9568, 5.1.1.3: anything less has crossed a router."""

_ENCODE: dict[VrrpVersion, Callable[[Advert], bytes]] = {VrrpVersion.V2: vrrp2.encode}
_DECODE: dict[VrrpVersion, Callable[[bytes], Advert | DropReason]] = {VrrpVersion.V2: vrrp2.decode}


def peek_virtual_router_id(message: bytes) -> int | None:
    """The VRID, 0 to 255: the same byte in every version; None where there is none."""
    return message[1] if len(message) >= 2 else None


def encode(advert: Advert) -> bytes:
    """The message of this advert in its own version."""
    return _ENCODE[advert.version](advert)


def decode(message: bytes, version: VrrpVersion) -> Advert | DropReason:
    """The advert in a message of the version that the instance speaks, or why there is none."""
    if message[:1] and message[0] >> 4 != version.value:
        return DropReason.BAD_VERSION
    return _DECODE[version](message)

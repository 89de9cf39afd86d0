"""VRRPv2 on IPv4: bytes to an `Advert` and back (RFC 3768, 5.1; authentication RFC 2338, 5.3).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |Version| Type  | Virtual Rtr ID|   Priority    | Count IP Addrs|
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |   Auth Type   |   Adver Int   |          Checksum             |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                      IP Address (1 .. n)                      |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                    Authentication Data (8 bytes)              |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

Knows the frame. Must not know any configuration: what is expected is judged above.
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address

from halod.model.advert import Advert
from halod.model.drop import DropReason
from halod.model.units import Duration
from halod.model.vrrp import VrrpVersion
from halod.wire.checksum import internet_checksum

__all__ = ["AUTH_HEADER", "AUTH_NONE", "AUTH_PASS", "decode", "encode"]

AUTH_NONE = 0
AUTH_PASS = 1
AUTH_HEADER = 2
"""An Authentication Header goes before the message (RFC 2338, 5.3.6.3)."""

TYPE_ADVERTISEMENT = 1
AUTH_LENGTH = 8
"""Bytes of authentication data: always there, zero without authentication (RFC 3768, 5.3.10)."""

_HEADER = struct.Struct("!BBBBBBH")
_CHECKSUM_OFFSET = 6


def encode(advert: Advert) -> bytes:
    """The VRRP message, checksum included.

    Asserts the bounds of the fields: a configuration outside them was refused long before.
    """
    assert advert.version is VrrpVersion.V2
    assert len(advert.addresses) <= 255
    assert len(advert.auth_data) <= AUTH_LENGTH
    body = b"".join(address.packed for address in advert.addresses)
    header = _HEADER.pack(
        VrrpVersion.V2.value << 4 | TYPE_ADVERTISEMENT,
        advert.virtual_router_id,
        advert.priority,
        len(advert.addresses),
        advert.auth_type,
        advert.interval.whole_seconds,
        0,
    )
    message = header + body + advert.auth_data.ljust(AUTH_LENGTH, b"\0")
    checksum = internet_checksum(message)
    return (
        message[:_CHECKSUM_OFFSET] + struct.pack("!H", checksum) + message[_CHECKSUM_OFFSET + 2 :]
    )


def decode(message: bytes) -> Advert | DropReason:
    """An advert, or why these bytes are none; never raises, whatever the bytes."""
    if len(message) < _HEADER.size + AUTH_LENGTH:
        return DropReason.TOO_SHORT
    version_type, vrid, priority, count, auth_type, interval, _ = _HEADER.unpack_from(message)
    if version_type >> 4 != VrrpVersion.V2.value:
        return DropReason.BAD_VERSION
    if version_type & 0x0F != TYPE_ADVERTISEMENT:
        return DropReason.BAD_TYPE
    length = _HEADER.size + 4 * count + AUTH_LENGTH
    if len(message) < length:
        return DropReason.TOO_SHORT
    if len(message) > length:
        return DropReason.TOO_LONG
    if internet_checksum(message):
        return DropReason.BAD_CHECKSUM
    addresses = struct.unpack_from(f"!{count}I", message, _HEADER.size)
    return Advert(
        version=VrrpVersion.V2,
        virtual_router_id=vrid,
        priority=priority,
        interval=Duration.seconds(interval),
        addresses=tuple(map(IPv4Address, addresses)),
        auth_type=auth_type,
        auth_data=message[length - AUTH_LENGTH :],
    )

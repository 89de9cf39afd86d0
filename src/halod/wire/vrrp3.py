"""VRRPv3 on IPv4 and IPv6: bytes to an `Advert` and back (RFC 9568, 5.1).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |Version| Type  | Virtual Rtr ID|   Priority    |  IPvX Addr Count
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |Reserve| Max Advertise Interval|          Checksum             |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |            IPv4 or IPv6 Address (0 .. n)                      |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

Knows the frame. Must not know any configuration: what is expected is judged above.

The checksum covers a pseudo-header as well: so RFC 5798, 5.2.8, and so does keepalived. RFC 9568
takes it for IPv6 alone; `Envelope.checksum_v3_as_v2` does so here.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

from halod.model.address import IpAddress
from halod.model.advert import Advert
from halod.model.drop import DropReason
from halod.model.units import NS_PER_CENTISECOND, Duration
from halod.model.vrrp import VrrpVersion
from halod.wire.checksum import internet_checksum
from halod.wire.envelope import Envelope

__all__ = ["decode", "encode", "message_summed"]

TYPE_ADVERTISEMENT = 1
INTERVAL_MAX_CENTISECONDS = 0x0FFF
"""Twelve bits: 40.95 s (RFC 9568, 5.2.7)."""

_HEADER = struct.Struct("!BBBBHH")
_CHECKSUM_OFFSET = 6
_IPV4_BYTES, _IPV6_BYTES = 4, 16


def encode(advert: Advert, envelope: Envelope) -> bytes:
    """The VRRP message, checksum included. There is no authentication in v3 (RFC 9568, 9).

    Asserts the bounds of the fields: a configuration outside them was refused long before.
    """
    assert advert.version is VrrpVersion.V3
    assert len(advert.addresses) <= 255
    interval_centiseconds = advert.interval.ns // NS_PER_CENTISECOND
    assert 1 <= interval_centiseconds <= INTERVAL_MAX_CENTISECONDS
    header = _HEADER.pack(
        VrrpVersion.V3.value << 4 | TYPE_ADVERTISEMENT,
        advert.virtual_router_id,
        advert.priority,
        len(advert.addresses),
        interval_centiseconds,
        0,
    )
    message = header + b"".join(address.packed for address in advert.addresses)
    return message_summed(message, envelope)


def message_summed(message: bytes, envelope: Envelope) -> bytes:
    """The message with its checksum, whatever stood in the place of that."""
    alone = envelope.checksum_v3_as_v2 and envelope.source.version == 4
    head, tail = message[:_CHECKSUM_OFFSET], message[_CHECKSUM_OFFSET + 2 :]
    unsummed = head + b"\0\0" + tail
    checksum = internet_checksum(unsummed if alone else _around(unsummed, envelope))
    return head + struct.pack("!H", checksum) + tail


def _around(message: bytes, envelope: Envelope) -> bytes:
    """All that is summed with a pseudo-header: on IPv6 what stands behind the message, too."""
    summed = message + envelope.trailer if envelope.source.version == 6 else message
    return envelope.pseudo_header(len(summed)) + summed


def decode(message: bytes, envelope: Envelope) -> Advert | DropReason:
    """An advert, or why these bytes are none; never raises, whatever the bytes."""
    if len(message) < _HEADER.size:
        return DropReason.TOO_SHORT
    version_type, vrid, priority, count, interval, _ = _HEADER.unpack_from(message)
    if version_type >> 4 != VrrpVersion.V3.value:
        return DropReason.BAD_VERSION
    if version_type & 0x0F != TYPE_ADVERTISEMENT:
        return DropReason.BAD_TYPE
    is_v6 = envelope.source.version == 6
    length = _HEADER.size + (_IPV6_BYTES if is_v6 else _IPV4_BYTES) * count
    if len(message) < length:
        return DropReason.TOO_SHORT
    if len(message) > length:
        return DropReason.TOO_LONG
    old_checksum = False
    if not _is_intact(message, envelope):
        if not _is_intact_of_old(message, envelope):
            return DropReason.BAD_CHECKSUM
        old_checksum = True
    addresses: tuple[IpAddress, ...]
    if is_v6:
        starts = range(_HEADER.size, length, _IPV6_BYTES)
        addresses = tuple(IPv6Address(message[start : start + _IPV6_BYTES]) for start in starts)
    else:
        numbers = struct.unpack_from(f"!{count}I", message, _HEADER.size)
        addresses = tuple(map(IPv4Address, numbers))
    return Advert(
        version=VrrpVersion.V3,
        virtual_router_id=vrid,
        priority=priority,
        # RFC 9568, 5.2.6: Reserve is ignored on reception.
        interval=Duration.centiseconds(interval & INTERVAL_MAX_CENTISECONDS),
        addresses=addresses,
        old_checksum=old_checksum,
    )


def _is_intact_of_old(message: bytes, envelope: Envelope) -> bool:
    """keepalived up to 1.3.6 summed a unicast advert as if it went to the group."""
    old = envelope.old_destination
    return old is not None and _is_intact(
        message, replace(envelope, destination=old, old_destination=None)
    )


def _is_intact(message: bytes, envelope: Envelope) -> bool:
    if internet_checksum(_around(message, envelope)) == 0:
        return True
    # keepalived with `v3_checksum_as_v2` looks at no checksum at all any more. Both ways of summing
    # are accepted here, so that nodes may be switched one after the other, and damage still counts.
    alone = envelope.checksum_v3_as_v2 and envelope.source.version == 4
    return alone and internet_checksum(message) == 0

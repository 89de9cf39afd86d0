"""An advert as a whole Ethernet frame, for one that comes from a virtual MAC (RFC 9568, 7.3).

    +-----------------+-----------------+-----------+-------------+---------+
    | destination (6) | virtual MAC (6) | type (2)  | IP header   | message |
    +-----------------+-----------------+-----------+-------------+---------+

Knows where a group's frames go: 01-00-5E and 23 bits of the group (RFC 1112, 6.4), 33-33 and 32
bits of it (RFC 2464, 7). Must not know sockets.
"""

from __future__ import annotations

from halod.model.address import IpAddress
from halod.model.event import AdvertReceived
from halod.wire import ipv4, ipv6

__all__ = ["advert_frame", "frame_of", "group_mac"]

_ETHERTYPE = {4: bytes.fromhex("0800"), 6: bytes.fromhex("86dd")}
_GROUP_V4, _GROUP_V6 = bytes.fromhex("01005e"), bytes.fromhex("3333")
_LOW_23_BITS = (1 << 23) - 1
INTERNETWORK_CONTROL = 0xC0
"""Type of service, and traffic class: as adverts from a raw socket carry it."""


def group_mac(group: IpAddress) -> bytes:
    """Where frames for a group go, 6 bytes."""
    if group.version == 4:
        return _GROUP_V4 + (int(group) & _LOW_23_BITS).to_bytes(3, "big")
    return _GROUP_V6 + group.packed[-4:]


def advert_frame(
    hardware_source: bytes, source: IpAddress, group: IpAddress, ttl: int, message: bytes
) -> bytes:
    """The frame from a virtual MAC, 6 bytes, to a group."""
    event = AdvertReceived("", source, group, ttl, message)
    if group.version == 4:
        datagram = ipv4.encode(event, service=INTERNETWORK_CONTROL)
    else:
        datagram = ipv6.encode(event, traffic_class=INTERNETWORK_CONTROL)
    return frame_of(hardware_source, group, datagram)


def frame_of(hardware_source: bytes, group: IpAddress, datagram: bytes) -> bytes:
    """The frame from a virtual MAC that carries a whole datagram to a group."""
    return group_mac(group) + hardware_source + _ETHERTYPE[group.version] + datagram

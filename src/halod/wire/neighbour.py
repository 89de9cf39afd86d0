"""Unsolicited neighbour advertisements on Ethernet (RFC 4861, 4.4 and 7.2.6).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |   type 136    |    code 0     |          Checksum             |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |R|S|O|                     Reserved                            |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                    Target Address (16 bytes)                  |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |  option 2     | length 1 (8)  | target's hardware address (6) |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

Knows the frame. Must not know when one is sent. What gratuitous ARP is to IPv4: to all nodes, with
the override flag, so that a neighbour that knew another place forgets it.
"""

from __future__ import annotations

import struct
from ipaddress import IPv6Address

from halod.wire.checksum import internet_checksum

__all__ = ["ALL_NODES", "ETHERTYPE_IPV6", "unsolicited"]

ALL_NODES = IPv6Address("ff02::1")
ETHERTYPE_IPV6 = 0x86DD
_ALL_NODES_HARDWARE = bytes.fromhex("333300000001")
"""RFC 2464, 7."""
_ICMPV6 = 58
_ADVERTISEMENT = 136
_HOP_LIMIT = 255
"""RFC 4861, 7.1.2: anything less has crossed a router."""
_ROUTER, _OVERRIDE = 1 << 31, 1 << 29
_ETHERNET = struct.Struct("!6s6sH")
_IPV6 = struct.Struct("!IHBB16s16s")
_VERSION_6 = 6 << 28
_MESSAGE = struct.Struct("!BBHI16sBB6s")
_PSEUDO = struct.Struct("!16s16sII")
_TARGET_LINK_LAYER, _OPTION_UNITS = 2, 1


def unsolicited(hardware_address: bytes, address: IPv6Address, *, router: bool) -> bytes:
    """86 bytes that tell a link where an address is. `hardware_address`: 6 bytes; `router`:
    whether this node forwards (RFC 4861, 4.4, R)."""
    flags = _OVERRIDE | (_ROUTER if router else 0)

    def message(checksum: int) -> bytes:
        return _MESSAGE.pack(
            _ADVERTISEMENT,
            0,
            checksum,
            flags,
            address.packed,
            _TARGET_LINK_LAYER,
            _OPTION_UNITS,
            hardware_address,
        )

    ends = address.packed, ALL_NODES.packed
    pseudo = _PSEUDO.pack(*ends, _MESSAGE.size, _ICMPV6)
    return (
        _ETHERNET.pack(_ALL_NODES_HARDWARE, hardware_address, ETHERTYPE_IPV6)
        + _IPV6.pack(_VERSION_6, _MESSAGE.size, _ICMPV6, _HOP_LIMIT, *ends)
        + message(internet_checksum(pseudo + message(0)))
    )

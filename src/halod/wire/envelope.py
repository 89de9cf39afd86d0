"""What surrounds a VRRP message, and may be summed along with it.

    +---------------------------------------------------------------+
    |                         source address                        |
    +---------------------------------------------------------------+
    |                       destination address                     |
    +---------------+---------------+-------------------------------+
    |       0       | protocol 112  |         length of VRRP        |
    +---------------+---------------+-------------------------------+

That is IPv4's. IPv6's has addresses of 16 bytes, the length in 4 bytes, 3 zeros and the protocol
(RFC 8200, 8.1). Knows the pseudo-header. Must not know the message.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from halod.model.address import IpAddress

__all__ = ["PROTOCOL", "PROTOCOL_AH", "Envelope"]

PROTOCOL = 112
"""IP protocol number (RFC 9568, 5.1.1.4)."""

PROTOCOL_AH = 51
"""Of a datagram with an Authentication Header before the VRRP message (RFC 4302, 2)."""

_TAIL = struct.Struct("!BBH")
_TAIL_V6 = struct.Struct("!II")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Of one message."""

    source: IpAddress
    destination: IpAddress
    checksum_v3_as_v2: bool = False
    """`v3_checksum_as_v2`: the checksum of v3 is over the message alone. On IPv4 alone."""
    old_destination: IpAddress | None = None
    """Unicast: what keepalived up to 1.3.6 sums in place of the destination, where that is
    accepted."""

    trailer: bytes = b""
    """What stands behind the message, a signature: IPv6 sums it along."""

    def pseudo_header(self, length: int) -> bytes:
        """12 bytes for a message of that length, or 40."""
        if self.source.version == 6:
            tail = _TAIL_V6.pack(length, PROTOCOL)
            return self.source.packed + self.destination.packed + tail
        return self.source.packed + self.destination.packed + _TAIL.pack(0, PROTOCOL, length)

"""The Authentication Header before a VRRPv2 message (RFC 2402, 2; RFC 2338, 5.3.6.3).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    | Next Hdr 112  | Payload Len 4 |            RESERVED           |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |              Security Parameters Index: the source            |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                        Sequence Number                        |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |      Integrity Check Value: HMAC-MD5, its first 96 bits ...   |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

Knows the frame and what the check value covers: the IP header with type of service, fragmentation
and checksum read as zero, the header above with its check value read as zero, and the message with
its checksum. The time to live is one of the fields that change on the way (RFC 2402, 3.3.3.1.1.1),
and so it is read as zero in unicast; to a group keepalived 2.2.7 leaves it in, and so does this.
Must not know sequences: which one may come is judged above.
"""

from __future__ import annotations

import hmac
import struct

from halod.model.address import IpAddress
from halod.model.auth_header import AUTH_HEADER_BYTES, AuthHeader
from halod.model.event import AdvertReceived
from halod.wire import ipv4
from halod.wire.envelope import PROTOCOL, PROTOCOL_AH

__all__ = ["NEXT_HEADER", "PAYLOAD_LENGTH", "SEQUENCE_MAX", "datagram", "is_genuine"]

NEXT_HEADER = PROTOCOL
PAYLOAD_LENGTH = AUTH_HEADER_BYTES // 4 - 2
"""In words of 32 bits, without the first two."""
SEQUENCE_MAX = 0xFFFFFFFF

_HEAD = struct.Struct("!BBH4sI")
_CHECK_VALUE_BYTES = AUTH_HEADER_BYTES - _HEAD.size


def datagram(
    source: IpAddress, destination: IpAddress, ttl: int, sequence: int, message: bytes, key: bytes
) -> bytes:
    """The whole datagram that carries a message. `sequence`: 1 to SEQUENCE_MAX."""
    head = _HEAD.pack(NEXT_HEADER, PAYLOAD_LENGTH, 0, source.packed, sequence)
    # The check value covers the identification: it is chosen here, and never 0, in the place of
    # which the kernel puts one of its own.
    identification = (sequence - 1) % 0xFFFF + 1
    route = ipv4.Route(source, destination, ttl, identification, PROTOCOL_AH)
    body = head + _check_value(route, head, message, key) + message
    return ipv4.header(route, len(body), ipv4.INTERNETWORK_CONTROL) + body


def is_genuine(event: AdvertReceived, header: AuthHeader, key: bytes) -> bool:
    """Whether who has the key has sent this; takes the same time for every answer."""
    route = ipv4.Route(
        event.source, event.destination, event.ttl, header.identification, PROTOCOL_AH
    )
    value = _check_value(route, header.raw[: _HEAD.size], event.payload, key)
    return hmac.compare_digest(value, header.check_value)


def _check_value(route: ipv4.Route, head: bytes, message: bytes, key: bytes) -> bytes:
    if not route.destination.is_multicast:
        route = route._replace(ttl=0)
    body = head + bytes(_CHECK_VALUE_BYTES) + message
    fixed = ipv4.unsummed_header(route, len(body), 0)
    return hmac.digest(key, fixed + body, "md5")[:_CHECK_VALUE_BYTES]

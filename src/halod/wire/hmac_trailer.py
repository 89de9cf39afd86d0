"""The trailer of auth_hmac: bytes to a value and back (draft-cassen-vrrp-auth-hmac).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |     Type      |    Key Id     |           Reserved            |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                     Seconds since the epoch                   |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |       Fraction of a second    |            Counter            |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |          HMAC-SHA256, its first 128 bits ...                  |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

Knows the frame and what is signed. Must not know clocks, nor whether a signature is wanted. What is
signed: a pseudo-header (family, version, VRID, the source in 16 bytes), the message with its
checksum read as zero, and the trailer with its HMAC read as zero. The destination is not: one
signature serves every unicast peer.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass

from halod.model.address import IpAddress
from halod.model.drop import DropReason

__all__ = ["TRAILER_LENGTH", "Trailer", "decode_trailer", "is_genuine", "message_length", "sign"]

TRAILER_LENGTH = 28
"""Bytes behind the VRRP message."""
HMAC_LENGTH = 16
TYPE_HMAC_SHA256_128 = 1

_SIGNED = struct.Struct("!BBHQ")
_PSEUDO = struct.Struct("!BBBB16s")
_CHECKSUM_AT = 6
_HEADER_LENGTH = 8
_V2, _AUTH_LENGTH_V2 = 2, 8


@dataclass(frozen=True, slots=True)
class Trailer:
    """What a trailer says, genuine or not."""

    key_id: int
    """0 to 255."""
    sequence: int
    """64 bits: seconds, fraction and counter; compared by serial arithmetic (RFC 1982)."""
    signed: bytes
    """Its first 12 bytes."""
    digest: bytes
    """16 bytes."""


def sign(message: bytes, source: IpAddress, key: bytes, key_id: int, sequence: int) -> bytes:
    """The trailer of a message, checksum in it or not. `sequence`: 0 to 2^64 - 1."""
    head = _SIGNED.pack(TYPE_HMAC_SHA256_128, key_id, 0, sequence)
    return head + _digest(message, source, key, head)


def decode_trailer(data: bytes) -> Trailer | DropReason:
    """What stands behind a message; never raises, whatever the bytes."""
    if len(data) != TRAILER_LENGTH:
        return DropReason.TRAILER_MALFORMED
    type_, key_id, reserved, sequence = _SIGNED.unpack_from(data)
    if type_ != TYPE_HMAC_SHA256_128 or reserved:
        return DropReason.TRAILER_MALFORMED
    return Trailer(key_id, sequence, data[: _SIGNED.size], data[_SIGNED.size :])


def is_genuine(trailer: Trailer, message: bytes, source: IpAddress, key: bytes) -> bool:
    """Whether who has the key has signed this message; takes the same time for every answer."""
    return hmac.compare_digest(_digest(message, source, key, trailer.signed), trailer.digest)


def message_length(data: bytes, address_length: int) -> int | None:
    """Bytes of the VRRP message at the front, as its address list asks for; None: no header.

    `address_length`: 4 or 16.
    """
    if len(data) < _HEADER_LENGTH:
        return None
    authentication = _AUTH_LENGTH_V2 if data[0] >> 4 == _V2 else 0
    return _HEADER_LENGTH + address_length * data[3] + authentication


def _digest(message: bytes, source: IpAddress, key: bytes, head: bytes) -> bytes:
    version, vrid = message[0] >> 4, message[1]
    family = 4 if source.version == 4 else 6
    pseudo = _PSEUDO.pack(family, version, vrid, 0, source.packed)
    unsummed = message[:_CHECKSUM_AT] + b"\0\0" + message[_CHECKSUM_AT + 2 :]
    data = pseudo + unsummed + head + bytes(HMAC_LENGTH)
    return hmac.digest(key, data, hashlib.sha256)[:HMAC_LENGTH]

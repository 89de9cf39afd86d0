"""The Internet checksum (RFC 1071).

Knows one's complement arithmetic. Must not know what is summed.
"""

from __future__ import annotations

import struct

__all__ = ["internet_checksum"]


def internet_checksum(message: bytes) -> int:
    """One's complement of the one's complement sum of 16-bit words, 0 to 0xffff.

    Over a message that carries its own right checksum the result is 0. An odd last byte is
    padded with zero (RFC 1071, 4.1).
    """
    if len(message) % 2:
        message += b"\0"
    total: int = sum(struct.unpack(f"!{len(message) // 2}H", message))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

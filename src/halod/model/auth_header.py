"""The Authentication Header of an advert as it came: IP protocol 51, before the VRRP message.

Knows where its fields are (RFC 2402, 2). Must not judge them.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["AUTH_HEADER_BYTES", "AuthHeader"]

AUTH_HEADER_BYTES = 24
"""With a check value of 96 bits (RFC 2403, 2)."""


@dataclass(frozen=True, slots=True)
class AuthHeader:
    """One, genuine or not."""

    identification: int
    """Of the IP header before it, 0 to 65535: the check value covers it."""
    raw: bytes
    """Its AUTH_HEADER_BYTES."""

    @property
    def next_header(self) -> int:
        """IP protocol of what follows."""
        return self.raw[0]

    @property
    def payload_length(self) -> int:
        """Its length in words of 32 bits, without the first two."""
        return self.raw[1]

    @property
    def parameters_index(self) -> bytes:
        """4 bytes: who speaks to whom, and with which key."""
        return self.raw[4:8]

    @property
    def sequence(self) -> int:
        """0 to 2^32 - 1."""
        return int.from_bytes(self.raw[8:12], "big")

    @property
    def check_value(self) -> bytes:
        """12 bytes."""
        return self.raw[12:]

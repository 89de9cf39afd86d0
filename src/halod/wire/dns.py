"""Questions to a name server, and the head of an answer (RFC 1035, 4.1).

       0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
      +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
      |                      ID                       |
      |QR|   Opcode  |AA|TC|RD|RA|   Z    |   RCODE   |
      |                    QDCOUNT                    |
      |                    ANCOUNT                    |
      |                    NSCOUNT                    |
      |                    ARCOUNT                    |
      +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+

Knows those 12 bytes and how a question is written behind them. Must not know sockets, nor what an
answer says: a check asks whether there is one.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

__all__ = ["DNS_TYPES", "DnsHead", "dns_query", "read_dns_head"]

DNS_TYPES = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "SOA": 6,
    "MX": 15,
    "TXT": 16,
    "AAAA": 28,
    "RRSIG": 46,
    "DNSKEY": 48,
}
"""Those that keepalived knows (IANA, DNS parameters)."""

_HEAD = struct.Struct("!HHHHHH")
_RESPONSE, _RECURSION_DESIRED = 0x8000, 0x0100
_CLASS_IN = 1
LABEL_MAX, NAME_MAX = 63, 255
"""Bytes (RFC 1035, 2.3.4)."""

_CODES = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 9: "NOTAUTH"}


@dataclass(frozen=True, slots=True)
class DnsHead:
    """What the first 12 bytes of an answer say."""

    number: int
    """ID: that of the question."""
    code: int
    """RCODE; 0: no error."""
    answers: int
    """ANCOUNT."""

    @property
    def code_name(self) -> str:
        """`NXDOMAIN` (RFC 1035, 4.1.1; RFC 2136, 2.2)."""
        return _CODES.get(self.code, f"error {self.code}")


def dns_query(number: int, name: str, record: str) -> bytes:
    """One question. ValueError where there can be no such name or type."""
    kind = DNS_TYPES.get(record.upper())
    if kind is None:
        raise ValueError(f"no type {record}: there are {', '.join(DNS_TYPES)}")
    head = _HEAD.pack(number, _RECURSION_DESIRED, 1, 0, 0, 0)
    return head + _encode(name) + struct.pack("!HH", kind, _CLASS_IN)


def _encode(name: str) -> bytes:
    labels = name.rstrip(".").split(".") if name.strip(".") else []
    encoded = b""
    for label in labels:
        # As it stands: IDNA is for who writes the file.
        data = label.encode()
        if not 0 < len(data) <= LABEL_MAX:
            raise ValueError(f"{name}: a part of a name has 1 to {LABEL_MAX} bytes")
        encoded += bytes([len(data)]) + data
    encoded += b"\0"
    if len(encoded) > NAME_MAX:
        raise ValueError(f"{name}: a name has at most {NAME_MAX} bytes")
    return encoded


def read_dns_head(data: bytes) -> DnsHead | None:
    """None: this is no answer of a name server."""
    if len(data) < _HEAD.size:
        return None
    number, flags, _, answers, _, _ = _HEAD.unpack_from(data)
    if not flags & _RESPONSE:
        return None
    return DnsHead(number, flags & 0xF, answers)

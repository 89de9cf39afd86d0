"""nfnetlink: what every message of it has, and the numbers that nftables has there.

    0                   1                   2                   3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +---------------+---------------+-------------------------------+
    | nfgen_family  |  version (0)  |    res_id, big-endian         |
    +---------------+---------------+-------------------------------+
    | attributes …

A batch is BATCH_BEGIN, messages, BATCH_END in one send; the kernel performs all of it or nothing.
Numbers in attributes are big-endian, unlike in rtnetlink.

Knows `linux/netfilter/nfnetlink.h`, and which questions name a table. Must not know sockets, nor
what a table is for. Rules and sets: `nft_message`; the lease's elements: `lease_elements`.
"""

from __future__ import annotations

import struct
from enum import IntEnum

from halod.wire.netlink import DecodeError, Message, attribute, attributes

__all__ = [
    "BATCH_BEGIN",
    "BATCH_END",
    "HEAD_BYTES",
    "NESTED",
    "NftFamily",
    "NftMessage",
    "body",
    "bracket",
]
__all__ += ["elements_query", "head", "nest", "read_text", "rules_of_chain", "table", "text"]

BATCH_BEGIN, BATCH_END = 0x10, 0x11
"""NFNL_MSG_BATCH_BEGIN and _END."""
NESTED = 0x8000
"""NLA_F_NESTED, in the type of an attribute."""

_SUBSYSTEM = 10
"""NFNL_SUBSYS_NFTABLES."""
_NFGENMSG = struct.Struct("!BBH")
HEAD_BYTES = _NFGENMSG.size


class NftFamily(IntEnum):
    """nfgen_family: NFPROTO_*."""

    INET = 1
    ARP = 3
    NETDEV = 5


class NftMessage(IntEnum):
    """nlmsg_type: the subsystem in the upper byte."""

    NEWTABLE = 0x0A00
    GETTABLE = 0x0A01
    DELTABLE = 0x0A02
    NEWCHAIN = 0x0A03
    GETCHAIN = 0x0A04
    DELCHAIN = 0x0A05
    NEWRULE = 0x0A06
    GETRULE = 0x0A07
    DELRULE = 0x0A08
    NEWSET = 0x0A09
    NEWSETELEM = 0x0A0C
    GETSETELEM = 0x0A0D
    DELSETELEM = 0x0A0E
    GETGEN = 0x0A10


def bracket() -> bytes:
    """Payload of BATCH_BEGIN and BATCH_END."""
    return _NFGENMSG.pack(0, 0, _SUBSYSTEM)


def head(family: int) -> bytes:
    """`family`: 0 to 255, nfgen_family; its numbers are those of the subsystem."""
    return _NFGENMSG.pack(family, 0, 0)


def body(message: Message) -> dict[int, bytes]:
    """The attributes behind the head, by type; raises DecodeError."""
    if len(message.payload) < HEAD_BYTES:
        raise DecodeError("truncated nfgenmsg")
    return attributes(message.payload, HEAD_BYTES)


def nest(type_: int, value: bytes) -> bytes:
    """An attribute that consists of attributes."""
    return attribute(type_ | NESTED, value)


def text(type_: int, value: str) -> bytes:
    """An attribute with a name, which is ASCII."""
    return attribute(type_, value.encode("ascii") + b"\0")


def read_text(value: bytes) -> str:
    """The name in an attribute; raises DecodeError."""
    try:
        return value.rstrip(b"\0").decode("ascii")
    except UnicodeDecodeError as error:
        raise DecodeError("a name that is not ASCII") from error


def table(family: NftFamily, name: str) -> bytes:
    """For GETTABLE, NEWTABLE and DELTABLE."""
    return head(family) + text(1, name)


def rules_of_chain(family: NftFamily, table_: str, chain: str = "") -> bytes:
    """For DELRULE: all of a chain; for a dump of GETRULE: of a chain, or of the table, and older
    kernels answer with those of all tables."""
    return head(family) + text(1, table_) + (text(2, chain) if chain else b"")


def elements_query(family: NftFamily, table_: str, set_name: str) -> bytes:
    """For a dump of GETSETELEM."""
    return head(family) + text(1, table_) + text(2, set_name)

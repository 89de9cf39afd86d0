"""nfnetlink: set elements of nftables in batches, and the few questions about a table.

    0                   1                   2                   3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +---------------+---------------+-------------------------------+
    | nfgen_family  |  version (0)  |    res_id, big-endian         |
    +---------------+---------------+-------------------------------+
    | attributes …

A batch is BATCH_BEGIN, messages, BATCH_END in one send; the kernel performs all of it or nothing.
Numbers in attributes are big-endian, unlike in rtnetlink.

Knows `linux/netfilter/nf_tables.h` as far as the lease needs it. Must not know sockets, nor what an
element stands for. Whole rule sets are no business of this file: `gate_rules`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from halod.wire.netlink import DecodeError, Message, attribute, attributes, list_of

__all__ = ["BATCH_BEGIN", "BATCH_END", "Element", "Family", "NftType", "bracket"]
__all__ += ["decode_elements", "decode_rule_table", "encode_elements", "encode_elements_query"]
__all__ += ["encode_rules_query", "encode_table"]

BATCH_BEGIN, BATCH_END = 0x10, 0x11
"""NFNL_MSG_BATCH_BEGIN and _END."""
ELEMENTS_MAX = 512
"""Elements in one message: an attribute holds 64 KiB, an element with a verdict about 60 bytes."""

_SUBSYSTEM = 10
"""NFNL_SUBSYS_NFTABLES."""
_NFGENMSG = struct.Struct("!BBH")
_NESTED = 0x8000
_U32, _U64 = struct.Struct("!I"), struct.Struct("!Q")
_JUMP = 0xFFFFFFFD
"""NFT_JUMP, -3."""


class Family(IntEnum):
    """nfgen_family: NFPROTO_*."""

    INET = 1
    ARP = 3


class NftType(IntEnum):
    """nlmsg_type: the subsystem in the upper byte."""

    GETTABLE = 0x0A01
    DELTABLE = 0x0A02
    NEWRULE = 0x0A06
    GETRULE = 0x0A07
    NEWSETELEM = 0x0A0C
    GETSETELEM = 0x0A0D
    DELSETELEM = 0x0A0E


class _Table(IntEnum):
    NAME = 1


class _Rule(IntEnum):
    TABLE = 1


class _List(IntEnum):
    """NFTA_SET_ELEM_LIST_*."""

    TABLE = 1
    SET = 2
    ELEMENTS = 3


class _Element(IntEnum):
    """NFTA_SET_ELEM_*."""

    KEY = 1
    DATA = 2
    TIMEOUT = 4
    EXPIRATION = 5


class _Data(IntEnum):
    """NFTA_DATA_*, and below VERDICT NFTA_VERDICT_*."""

    VALUE = 1
    VERDICT = 2
    VERDICT_CODE = 1
    VERDICT_CHAIN = 2


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a set or of a map to verdicts."""

    key: bytes
    """As the packet carries it; 4 bytes and more are padded by netlink, not by us."""
    timeout_ms: int | None = None
    """From the moment at which the kernel takes it in; None: for ever."""
    chain: str = ""
    """In a map: where packets with this key jump to."""
    left_ms: int | None = None
    """Read back only: what is left of the timeout."""


def bracket() -> bytes:
    """Payload of BATCH_BEGIN and BATCH_END."""
    return _NFGENMSG.pack(0, 0, _SUBSYSTEM)


def encode_table(family: Family, table: str) -> bytes:
    """For GETTABLE and DELTABLE."""
    return _head(family) + _text(_Table.NAME, table)


def encode_rules_query(family: Family, table: str) -> bytes:
    """For a dump of GETRULE: the rules of one table; older kernels answer with those of all."""
    return _head(family) + _text(_Rule.TABLE, table)


def encode_elements_query(family: Family, table: str, set_name: str) -> bytes:
    """For a dump of GETSETELEM."""
    return _head(family) + _text(_List.TABLE, table) + _text(_List.SET, set_name)


def encode_elements(
    family: Family, table: str, set_name: str, elements: Iterable[Element]
) -> Iterator[bytes]:
    """For NEWSETELEM and DELSETELEM: as few payloads as hold them."""
    head = encode_elements_query(family, table, set_name)
    nested = [_nest(_List.TABLE, _encode_element(element)) for element in elements]
    for start in range(0, len(nested), ELEMENTS_MAX):
        yield head + _nest(_List.ELEMENTS, b"".join(nested[start : start + ELEMENTS_MAX]))


def decode_elements(message: Message) -> list[Element]:
    """The elements that a NEWSETELEM message tells; raises DecodeError."""
    body = _body(message).get(_List.ELEMENTS, b"")
    return [_decode_element(nested) for nested in list_of(body)]


def decode_rule_table(message: Message) -> str:
    """In which table the rule of a NEWRULE message stands; raises DecodeError."""
    return _read_text(_body(message).get(_Rule.TABLE, b""))


def _encode_element(element: Element) -> bytes:
    encoded = _nest(_Element.KEY, attribute(_Data.VALUE, element.key))
    if element.chain:
        verdict = attribute(_Data.VERDICT_CODE, _U32.pack(_JUMP))
        verdict += _text(_Data.VERDICT_CHAIN, element.chain)
        encoded += _nest(_Element.DATA, _nest(_Data.VERDICT, verdict))
    if element.timeout_ms is not None:
        encoded += attribute(_Element.TIMEOUT, _U64.pack(element.timeout_ms))
    return encoded


def _decode_element(nested: bytes) -> Element:
    found = attributes(nested, 0)
    key = attributes(found.get(_Element.KEY, b""), 0).get(_Data.VALUE, b"")
    verdict = attributes(found.get(_Element.DATA, b""), 0).get(_Data.VERDICT, b"")
    chain = attributes(verdict, 0).get(_Data.VERDICT_CHAIN, b"")
    return Element(
        key,
        _read_u64(found.get(_Element.TIMEOUT)),
        _read_text(chain),
        _read_u64(found.get(_Element.EXPIRATION)),
    )


def _head(family: Family) -> bytes:
    return _NFGENMSG.pack(family, 0, 0)


def _nest(type_: int, value: bytes) -> bytes:
    return attribute(type_ | _NESTED, value)


def _text(type_: int, value: str) -> bytes:
    return attribute(type_, value.encode("ascii") + b"\0")


def _body(message: Message) -> dict[int, bytes]:
    if len(message.payload) < _NFGENMSG.size:
        raise DecodeError("truncated nfgenmsg")
    return attributes(message.payload, _NFGENMSG.size)


def _read_text(value: bytes) -> str:
    try:
        return value.rstrip(b"\0").decode("ascii")
    except UnicodeDecodeError as error:
        raise DecodeError("a name that is not ASCII") from error


def _read_u64(value: bytes | None) -> int | None:
    if value is None:
        return None
    if len(value) != _U64.size:
        raise DecodeError("a time that is not 8 bytes")
    number: int = _U64.unpack(value)[0]
    return number

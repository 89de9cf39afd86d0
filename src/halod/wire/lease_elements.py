"""Elements of the lease's sets and maps in nftables, and which table a rule stands in.

Knows `linux/netfilter/nf_tables.h` as far as the lease needs it. Must not know sockets, nor what an
element stands for. Whole rule sets are no business of this file: `gate_rules`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from halod.wire.netlink import DecodeError, Message, attribute, attributes, list_of
from halod.wire.nfnetlink import NftFamily, body, elements_query, nest, read_text, text

__all__ = ["Element", "decode_elements", "decode_rule_table", "encode_elements"]

ELEMENTS_MAX = 512
"""Elements in one message: an attribute holds 64 KiB, an element with a verdict about 60 bytes."""

_U32, _U64 = struct.Struct("!I"), struct.Struct("!Q")
_JUMP = 0xFFFFFFFD
"""NFT_JUMP, -3."""
_RULE_TABLE = 1
"""NFTA_RULE_TABLE."""


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


def encode_elements(
    family: NftFamily, table: str, set_name: str, elements: Iterable[Element]
) -> Iterator[bytes]:
    """For NEWSETELEM and DELSETELEM: as few payloads as hold them."""
    query = elements_query(family, table, set_name)
    nested = [nest(_List.TABLE, _encode_element(element)) for element in elements]
    for start in range(0, len(nested), ELEMENTS_MAX):
        yield query + nest(_List.ELEMENTS, b"".join(nested[start : start + ELEMENTS_MAX]))


def decode_elements(message: Message) -> list[Element]:
    """The elements that a NEWSETELEM message tells; raises DecodeError."""
    found = list_of(body(message).get(_List.ELEMENTS, b""))
    return [_decode_element(nested) for nested in found]


def decode_rule_table(message: Message) -> str:
    """In which table the rule of a NEWRULE message stands; raises DecodeError."""
    return read_text(body(message).get(_RULE_TABLE, b""))


def _encode_element(element: Element) -> bytes:
    encoded = nest(_Element.KEY, attribute(_Data.VALUE, element.key))
    if element.chain:
        verdict = attribute(_Data.VERDICT_CODE, _U32.pack(_JUMP))
        verdict += text(_Data.VERDICT_CHAIN, element.chain)
        encoded += nest(_Element.DATA, nest(_Data.VERDICT, verdict))
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
        read_text(chain),
        _read_u64(found.get(_Element.EXPIRATION)),
    )


def _read_u64(value: bytes | None) -> int | None:
    if value is None:
        return None
    if len(value) != _U64.size:
        raise DecodeError("a time that is not 8 bytes")
    number: int = _U64.unpack(value)[0]
    return number

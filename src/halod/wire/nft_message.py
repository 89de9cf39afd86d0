"""Messages about tables, chains, sets and rules of nftables, and what a dump of them tells.

    batch:  NEWTABLE  NEWCHAIN  NEWSET  NEWRULE  NEWSETELEM …     one transaction
    dump:   GETSETELEM -> elements with key, value, comment, counter;  GETRULE -> chain and comment

Knows `linux/netfilter/nf_tables.h`, and how `nft` keeps a comment. Must not know sockets, nor what
a set is for. Expressions: `nft_expression`. The lease's elements have a codec of their own,
`lease_elements`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from halod.wire.netlink import DecodeError, Message, attribute, attributes, list_of
from halod.wire.nfnetlink import (
    NESTED,
    NftFamily,
    body,
    elements_query,
    head,
    nest,
    read_text,
    rules_of_chain,
    text,
)
from halod.wire.nft_expression import Verdict, verdict_of

__all__ = [
    "COMMENT_MAX",
    "ChainHook",
    "Kind",
    "NftElement",
    "NftRule",
    "SetFlag",
    "SetShape",
    "chain",
    "decode_generation",
    "decode_nft_elements",
    "decode_nft_rule",
    "elements",
    "generation_query",
    "named_chain",
    "rule",
    "set_",
]

COMMENT_MAX = 250
"""Bytes: user data have 256, of which a comment takes its type, its length and a zero."""
ELEMENTS_BYTES_MAX = 60_000
"""Of the elements in one message: an attribute holds 64 KiB."""
_U32, _U64 = struct.Struct("!I"), struct.Struct("!Q")
_HEADER, _TWO_HEADERS = struct.Struct("=HH"), struct.Struct("=HHHH")
_VALUE, _VERDICT = 1, 2
_COMMENT = 0
"""NFTNL_UDATA_SET_ELEM_COMMENT and NFTNL_UDATA_RULE_COMMENT."""
_VERDICT_TYPE = 0xFFFFFF00
"""NFT_DATA_VERDICT."""


class SetFlag(IntFlag):
    """NFT_SET_*."""

    MAP = 0x08
    TIMEOUT = 0x10
    DYNAMIC = 0x20
    CONCATENATED = 0x80
    EXPRESSION = 0x100


class Kind(IntEnum):
    """What `nft list` shows keys and values as (libnftables, `enum datatypes`), and its length."""

    VERDICT = 1
    ADDRESS_V4 = 7
    ADDRESS_V6 = 8
    PROTOCOL = 12
    PORT = 13
    MARK = 19
    INTERFACE = 20

    @property
    def size(self) -> int:
        """Bytes in registers: each part of a concatenation is padded to 4."""
        return 16 if self is Kind.ADDRESS_V6 else 4


_SIZES = {Kind.PROTOCOL: 1, Kind.PORT: 2}
"""Of those that stand alone."""
_KIND_BITS = 6


_PLAIN = SetFlag(0)


@dataclass(frozen=True, slots=True)
class SetShape:
    """A set or a map, without its elements."""

    name: str
    key: tuple[Kind, ...]
    value: tuple[Kind, ...] = ()
    flags: SetFlag = _PLAIN
    size_max: int = 0
    """Elements; 0: no limit. A set that packets fill needs one."""
    has_counters: bool = False
    """Each element counts how often it was found."""


@dataclass(frozen=True, slots=True)
class ChainHook:
    """Where the kernel hands packets to a chain."""

    type: str
    """`nat` or `filter`."""
    number: int
    """NF_INET_*: 0 prerouting, 3 output; of netdev 0 ingress."""
    priority: int
    device: str = ""
    """Of netdev alone."""


@dataclass(frozen=True, slots=True)
class NftElement:
    """One element; `value` and `chain` exclude each other."""

    key: bytes
    value: bytes = b""
    chain: str = ""
    """Where packets with this key go to, for good."""
    comment: str = ""
    packets: int = 0
    """Read back only: of its counter."""
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class NftRule:
    """Of a rule that stands: enough to know it again."""

    table: str
    chain: str
    comment: str


def chain(family: NftFamily, table_: str, name: str, hook: ChainHook | None = None) -> bytes:
    """For NEWCHAIN."""
    named = named_chain(family, table_, name)
    if hook is None:
        return named
    at = attribute(1, _U32.pack(hook.number)) + attribute(2, struct.pack("!i", hook.priority))
    if hook.device:
        at += text(3, hook.device)
    return named + nest(4, at) + attribute(5, _U32.pack(1)) + text(7, hook.type)


def named_chain(family: NftFamily, table_: str, name: str) -> bytes:
    """For DELCHAIN."""
    return head(family) + text(1, table_) + text(3, name)


def rule(
    family: NftFamily, table_: str, chain_: str, expressions_: bytes, comment: str = ""
) -> bytes:
    """For NEWRULE, at the end of the chain."""
    told = rules_of_chain(family, table_, chain_) + nest(4, expressions_)
    return told + (attribute(7, _comment(comment)) if comment else b"")


def set_(family: NftFamily, table_: str, shape: SetShape, number: int) -> bytes:
    """For NEWSET. `number`: any that is the set's own in its batch."""
    is_map = bool(shape.value)
    flags = shape.flags | (SetFlag.MAP if is_map else 0)
    if shape.has_counters:
        flags |= SetFlag.EXPRESSION
    told = elements_query(family, table_, shape.name)
    told += attribute(4, _U32.pack(_type_of(shape.key)))
    told += attribute(5, _U32.pack(_length_of(shape.key)))
    if is_map:
        if shape.value == (Kind.VERDICT,):
            told += attribute(6, _U32.pack(_VERDICT_TYPE))
        else:
            told += attribute(6, _U32.pack(_type_of(shape.value)))
        told += attribute(7, _U32.pack(_length_of(shape.value)))
    if shape.size_max:
        told += nest(9, attribute(1, _U32.pack(shape.size_max)))
    if shape.has_counters:
        told += nest(17, _counter())
    return told + attribute(3, _U32.pack(flags)) + attribute(10, _U32.pack(number))


def elements(
    family: NftFamily, table_: str, set_name: str, each: Iterable[NftElement]
) -> Iterator[bytes]:
    """For NEWSETELEM and DELSETELEM: as few payloads as hold them."""
    query = elements_query(family, table_, set_name)
    nested: list[bytes] = []
    size = 0
    for element in each:
        encoded = nest(1, _encode_element(element))
        if size + len(encoded) > ELEMENTS_BYTES_MAX:
            yield query + nest(3, b"".join(nested))
            nested, size = [], 0
        nested.append(encoded)
        size += len(encoded)
    if nested:
        yield query + nest(3, b"".join(nested))


def generation_query() -> bytes:
    """For GETGEN."""
    return head(0)


def decode_generation(message: Message) -> int:
    """Counts transactions of the whole namespace; raises DecodeError."""
    return _read(_U32, body(message).get(1, b""))


def decode_nft_elements(message: Message, *, counted: bool = False) -> list[NftElement]:
    """The elements that a NEWSETELEM message tells; raises DecodeError. `counted`: with their
    counters."""
    each = list_of(body(message).get(3, b""))
    return [_decode_element(nested, counted=counted) for nested in each]


def decode_nft_rule(message: Message) -> NftRule:
    """Of a NEWRULE message; raises DecodeError."""
    found = body(message)
    return NftRule(
        read_text(found.get(1, b"")),
        read_text(found.get(2, b"")),
        _read_comment(found.get(7, b"")),
    )


def _encode_element(element: NftElement) -> bytes:
    # Tens of thousands at a load: by one header for both levels. Keys and values are whole words.
    key, value = element.key, element.value
    encoded = _TWO_HEADERS.pack(len(key) + 8, 1 | NESTED, len(key) + 4, 1) + key
    if element.chain:
        encoded += nest(2, verdict_of(Verdict.GOTO, element.chain))
    elif value:
        encoded += _TWO_HEADERS.pack(len(value) + 8, 2 | NESTED, len(value) + 4, 1) + value
    if element.comment:
        encoded += attribute(6, _comment(element.comment))
    return encoded


def _decode_element(nested: bytes, *, counted: bool) -> NftElement:
    found = attributes(nested, 0)
    type_, value = _inner(found.get(2, b""))
    chain_ = read_text(attributes(value, 0).get(2, b"")) if type_ == _VERDICT else ""
    counter = _counted(found.get(7, b"")) if counted else (0, 0)
    comment = _read_comment(found[6]) if 6 in found else ""
    data = value if type_ == _VALUE else b""
    return NftElement(_inner(found.get(1, b""))[1], data, chain_, comment, *counter)


def _inner(data: bytes) -> tuple[int, bytes]:
    """NFTA_DATA_*: the only attribute of a key or a value, without what makes it nested."""
    if len(data) < _HEADER.size:
        return 0, b""
    length, type_ = _HEADER.unpack_from(data)
    if not _HEADER.size <= length <= len(data):
        raise DecodeError("attribute length does not fit")
    return type_ & ~NESTED, data[_HEADER.size : length]


def _counter() -> bytes:
    """A counter that begins at 0, as an expression."""
    zero = attribute(1, _U64.pack(0)) + attribute(2, _U64.pack(0))
    return text(1, "counter") + nest(2, zero)


def _counted(expression: bytes) -> tuple[int, int]:
    """Packets and bytes of a counter."""
    found = attributes(attributes(expression, 0).get(2, b""), 0)
    if not found:
        return 0, 0
    return _read(_U64, found.get(2, b"")), _read(_U64, found.get(1, b""))


def _comment(words: str) -> bytes:
    """User data as `nft` keeps a comment: type, length, text, zero."""
    encoded = words.encode("ascii") + b"\0"
    assert len(encoded) <= COMMENT_MAX + 1, "a comment that does not fit"
    return bytes((_COMMENT, len(encoded))) + encoded


def _read_comment(user_data: bytes) -> str:
    if len(user_data) < 2 or user_data[0] != _COMMENT:
        return ""
    return read_text(user_data[2 : 2 + user_data[1]])


def _type_of(kinds: tuple[Kind, ...]) -> int:
    number = 0
    for kind in kinds:
        number = number << _KIND_BITS | kind
    return number


def _length_of(kinds: tuple[Kind, ...]) -> int:
    if len(kinds) == 1:
        return _SIZES.get(kinds[0], kinds[0].size)
    return sum(kind.size for kind in kinds)


def _read(layout: struct.Struct, value: bytes) -> int:
    if len(value) != layout.size:
        raise DecodeError(f"a number that is not {layout.size} bytes")
    number: int = layout.unpack(value)[0]
    return number

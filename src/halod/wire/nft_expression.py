"""Expressions of nftables rules, as the kernel takes them: what `nft --debug=netlink` prints.

A rule is a list of expressions that read and write sixteen registers of 4 bytes. The first that
does not hold ends the rule, and the next one is tried.

    payload, meta ──> registers ──> compare, lookup ──> nat, forward, verdict

Knows `linux/netfilter/nf_tables.h`, NFTA_EXPR_* and below. Must not know what a rule is for, nor
tables: `nft_message`.
"""

from __future__ import annotations

import struct
from enum import IntEnum

from halod.wire.netlink import attribute
from halod.wire.nfnetlink import nest, text

__all__ = [
    "FIRST",
    "VERDICT_REGISTER",
    "Base",
    "DynamicOperation",
    "Meta",
    "Verdict",
    "compare",
    "dnat",
    "dynamic",
    "expressions",
    "forward",
    "go",
    "immediate",
    "jhash",
    "lookup",
    "masked",
    "meta",
    "native",
    "numgen",
    "payload",
    "reject",
    "verdict_of",
]

FIRST = 8
"""NFT_REG32_00: the first of sixteen registers of 4 bytes."""
VERDICT_REGISTER = 0
_U32, _U64 = struct.Struct("!I"), struct.Struct("!Q")
_I32 = struct.Struct("!i")
_LIST_ELEMENT = 1
_NAME, _DATA = 1, 2
_VALUE, _VERDICT = 1, 2
_VERDICT_CODE, _VERDICT_CHAIN = 1, 2


class Base(IntEnum):
    """NFT_PAYLOAD_*_HEADER."""

    NETWORK = 1
    TRANSPORT = 2


class Meta(IntEnum):
    """NFT_META_*."""

    PROTOCOL = 1
    MARK = 3
    NFPROTO = 15
    L4PROTO = 16
    PKTTYPE = 19


class DynamicOperation(IntEnum):
    """NFT_DYNSET_OP_*."""

    ADD = 0
    """Leaves one that is there as it is."""
    UPDATE = 1
    """Gives one that is there a new timeout; its data stay."""
    DELETE = 2


class Verdict(IntEnum):
    """NFT_JUMP, NFT_GOTO."""

    JUMP = -3
    GOTO = -4


def expressions(*each: bytes) -> bytes:
    """The value of NFTA_RULE_EXPRESSIONS."""
    return b"".join(each)


def payload(base: Base, offset: int, length: int, into: int) -> bytes:
    """Bytes of a header; a packet that has none there does not match."""
    return _expression(
        "payload", _number(1, into) + _number(2, base) + _number(3, offset) + _number(4, length)
    )


def meta(key: Meta, into: int) -> bytes:
    return _expression("meta", _number(1, into) + _number(2, key))


def compare(register: int, value: bytes, *, equal: bool = True) -> bytes:
    """Goes on where the register holds this, or where it does not."""
    body = _number(1, register) + _number(2, 0 if equal else 1) + nest(3, _value(value))
    return _expression("cmp", body)


def masked(register: int, mask: bytes) -> bytes:
    """The register and what follows it, bit by bit with the mask."""
    body = _number(1, register) + _number(2, register) + _number(3, len(mask))
    body += nest(4, _value(mask)) + nest(5, _value(bytes(len(mask))))
    return _expression("bitwise", body)


def immediate(value: bytes, into: int) -> bytes:
    return _expression("immediate", _number(1, into) + nest(2, _value(value)))


def go(verdict: Verdict, chain: str) -> bytes:
    body = _number(1, VERDICT_REGISTER) + nest(2, verdict_of(verdict, chain))
    return _expression("immediate", body)


def lookup(set_name: str, key: int, into: int | None = None) -> bytes:
    """Is the key there? Of a map, its value; a verdict acts at once."""
    body = text(1, set_name) + _number(2, key)
    return _expression("lookup", body if into is None else body + _number(3, into))


def numgen(modulus: int, first: int, into: int) -> bytes:
    """So many numbers from the first on, in turn, in the byte order of the host."""
    body = _number(1, into) + _number(2, modulus) + _number(3, 0) + _number(4, first)
    return _expression("numgen", body)


def jhash(key: int, length: int, modulus: int, seed: int, first: int, into: int) -> bytes:
    """One of so many numbers from the first on, by a hash of bytes from a register on."""
    body = _number(1, key) + _number(2, into) + _number(3, length) + _number(4, modulus)
    return _expression("hash", body + _number(5, seed) + _number(6, first) + _number(7, 0))


def native(number: int) -> bytes:
    """As registers hold numbers that the kernel makes: in the byte order of the host."""
    return struct.pack("=I", number)


def dnat(nf_protocol: int, address: int, port: int | None) -> bytes:
    """`nf_protocol`: NFPROTO_IPV4 or _IPV6; without a port the packet keeps its own."""
    body = _number(1, 1) + _number(2, nf_protocol) + _number(3, address) + _number(4, address)
    if port is not None:
        body += _number(5, port) + _number(6, port)
    return _expression("nat", body)


def dynamic(
    operation: DynamicOperation,
    set_name: str,
    key: int,
    data: int | None = None,
    timeout_ms: int | None = None,
) -> bytes:
    """Changes a set from the packet's way; a set that is full ends the rule."""
    body = text(1, set_name) + _number(3, operation) + _number(4, key)
    if data is not None:
        body += _number(5, data)
    if timeout_ms is not None:
        body += attribute(6, _U64.pack(timeout_ms))
    return _expression("dynset", body)


def forward(device: int, address: int, nf_protocol: int) -> bytes:
    """Out of a device to a neighbour: the kernel asks for its hardware address."""
    return _expression("fwd", _number(1, device) + _number(2, address) + _number(3, nf_protocol))


def reject() -> bytes:
    """Port unreachable, of either family (NFT_REJECT_ICMPX_UNREACH)."""
    return _expression("reject", _number(1, 2) + attribute(2, b"\x01"))


def verdict_of(verdict: Verdict, chain: str) -> bytes:
    """NFTA_DATA_VERDICT, in a rule and in an element."""
    body = attribute(_VERDICT_CODE, _I32.pack(verdict)) + text(_VERDICT_CHAIN, chain)
    return nest(_VERDICT, body)


def _expression(name: str, body: bytes) -> bytes:
    return nest(_LIST_ELEMENT, text(_NAME, name) + nest(_DATA, body))


def _value(value: bytes) -> bytes:
    return attribute(_VALUE, value)


def _number(type_: int, value: int) -> bytes:
    return attribute(type_, _U32.pack(value))

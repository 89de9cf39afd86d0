"""Traffic control by rtnetlink: the qdisc `clsact` and BPF filters on it (tc-bpf(8)).

    struct tcmsg: family (1), pad (3), ifindex (4), handle (4), parent (4), info (4)

Knows the structures that the gate needs. Must not know sockets, nor what a filter does.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from halod.wire.netlink import DecodeError, Message, attribute, attributes

__all__ = ["GROUP_TC", "Filter", "Hook", "TcType", "decode_filter", "decode_index"]
__all__ += ["encode_clsact", "encode_filter", "encode_filter_dump"]

GROUP_TC = 0x8
"""RTMGRP_TC, as a bit of nl_groups."""

_TCMSG = struct.Struct("=BxxxiIII")
_U32 = struct.Struct("=I")
_CLSACT_HANDLE, _CLSACT_PARENT = 0xFFFF0000, 0xFFFFFFF1
_TCA_KIND, _TCA_OPTIONS = 1, 2
_TCA_BPF_FD, _TCA_BPF_NAME, _TCA_BPF_FLAGS = 6, 7, 8
_DIRECT_ACTION = 1
_ETH_P_ALL = 0x0003
_PREFERENCE = 1
"""First of all filters: a lease must not be undone by another program's early verdict."""


class TcType(IntEnum):
    """Message types (linux/rtnetlink.h)."""

    NEWQDISC = 36
    DELQDISC = 37
    NEWTFILTER = 44
    DELTFILTER = 45
    GETTFILTER = 46


class Hook(IntEnum):
    """Where on `clsact` a filter hangs."""

    INGRESS = 0xFFFFFFF2
    EGRESS = 0xFFFFFFF3


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as the kernel tells it."""

    index: int
    """Of the interface."""
    hook: int
    handle: int
    preference: int
    kind: str
    """`bpf`, `u32`, `flower` ..."""
    name: str
    """Of a BPF filter; empty for other kinds."""


def encode_clsact(index: int) -> bytes:
    """Payload of NEWQDISC or DELQDISC."""
    header = _TCMSG.pack(0, index, _CLSACT_HANDLE, _CLSACT_PARENT, 0)
    return header + attribute(_TCA_KIND, b"clsact\0")


def encode_filter(index: int, hook: Hook, handle: int, name: str, descriptor: int | None) -> bytes:
    """Payload of NEWTFILTER (with the program's descriptor) or DELTFILTER (None).

    `handle`: 0 lets the kernel choose; one hook takes many of them.
    """
    info = _PREFERENCE << 16 | int.from_bytes(_ETH_P_ALL.to_bytes(2, "big"), "little")
    payload = _TCMSG.pack(0, index, handle, hook, info) + attribute(_TCA_KIND, b"bpf\0")
    if descriptor is None:
        return payload
    options = attribute(_TCA_BPF_FD, _U32.pack(descriptor))
    options += attribute(_TCA_BPF_NAME, name.encode() + b"\0")
    options += attribute(_TCA_BPF_FLAGS, _U32.pack(_DIRECT_ACTION))
    return payload + attribute(_TCA_OPTIONS, options)


def encode_filter_dump(index: int, hook: Hook) -> bytes:
    """Payload of GETTFILTER with the flag DUMP: every filter of one hook."""
    return _TCMSG.pack(0, index, 0, hook, 0)


def decode_index(message: Message) -> int:
    """The interface that a message of traffic control is about; raises DecodeError."""
    try:
        index: int = _TCMSG.unpack_from(message.payload)[1]
    except struct.error as error:
        raise DecodeError(str(error)) from None
    return index


def decode_filter(message: Message) -> Filter | None:
    """A filter, or None for the empty head of a chain of them; raises DecodeError."""
    try:
        _, index, handle, parent, info = _TCMSG.unpack_from(message.payload)
        found = attributes(message.payload, _TCMSG.size)
        options = attributes(found.get(_TCA_OPTIONS, b""), 0)
    except struct.error as error:
        raise DecodeError(str(error)) from None
    if not handle:
        return None
    kind = found.get(_TCA_KIND, b"").rstrip(b"\0").decode(errors="replace")
    name = b"" if kind != "bpf" else options.get(_TCA_BPF_NAME, b"")
    text = name.rstrip(b"\0").decode(errors="replace")
    return Filter(index, parent, handle, info >> 16, kind, text)

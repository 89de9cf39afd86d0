"""Netlink: messages and attributes, as bytes and back (netlink(7)).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                        nlmsg_len (with header)                |
    +-------------------------------+-------------------------------+
    |          nlmsg_type           |          nlmsg_flags          |
    +-------------------------------+-------------------------------+
    |                          nlmsg_seq                            |
    +---------------------------------------------------------------+
    |                          nlmsg_pid                            |
    +---------------------------------------------------------------+

Knows framing, host byte order. Must not know families: those stand in `rtnetlink` and others.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum, IntFlag
from typing import NamedTuple

__all__ = ["Control", "DecodeError", "Flag", "Message", "attribute", "attributes", "message"]
__all__ += ["error_of", "list_of", "messages"]

_HEADER = struct.Struct("=IHHII")
_ATTRIBUTE = struct.Struct("=HH")
_ERROR = struct.Struct("=i")
_TYPE_MASK = 0x3FFF
"""Without NLA_F_NESTED and NLA_F_NET_BYTEORDER."""


class DecodeError(ValueError):
    """These bytes are no netlink message; the only exception that decoding raises."""


class Flag(IntFlag):
    """nlmsg_flags."""

    REQUEST = 0x01
    MULTI = 0x02
    ACK = 0x04
    DUMP_INTR = 0x10
    REPLACE = 0x100
    EXCL = 0x200
    CREATE = 0x400
    DUMP = 0x300


class Control(IntEnum):
    """Message types below the families."""

    NOOP = 1
    ERROR = 2
    DONE = 3
    OVERRUN = 4


class Message(NamedTuple):
    """One message, its payload still undecoded. Made ten thousands of times in one dump."""

    type: int
    flags: int
    sequence: int
    port: int
    """Of the requester whose change this tells; 0: the kernel itself."""
    payload: bytes


def message(type_: int, flags: int, sequence: int, payload: bytes) -> bytes:
    """One whole message, padded to 4 bytes."""
    length = _HEADER.size + len(payload)
    return _HEADER.pack(length, type_, flags, sequence, 0) + payload + bytes(-length % 4)


def messages(datagram: bytes) -> Iterator[Message]:
    """The messages of one datagram; raises DecodeError where lengths do not fit."""
    offset, end = 0, len(datagram)
    while offset < end:
        if end - offset < _HEADER.size:
            raise DecodeError("truncated header")
        length, type_, flags, sequence, port = _HEADER.unpack_from(datagram, offset)
        if length < _HEADER.size or offset + length > end:
            raise DecodeError("message length does not fit")
        payload = datagram[offset + _HEADER.size : offset + length]
        yield Message(type_, flags, sequence, port, payload)
        offset += length + (-length % 4)


def error_of(reply: Message) -> int:
    """errno of an ERROR message, 0 for an acknowledgement."""
    if len(reply.payload) < _ERROR.size:
        raise DecodeError("truncated error")
    code: int = _ERROR.unpack_from(reply.payload)[0]
    return -code


def attribute(type_: int, value: bytes) -> bytes:
    """One attribute, padded to 4 bytes."""
    length = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(length, type_) + value + bytes(-length % 4)


def attributes(payload: bytes, offset: int) -> dict[int, bytes]:
    """Attributes from `offset` on, the last of each type; raises DecodeError."""
    return dict(_each(payload, offset))


def list_of(payload: bytes) -> list[bytes]:
    """The values of attributes that are a list: all of one type; raises DecodeError."""
    return [value for _, value in _each(payload, 0)]


def _each(payload: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    while offset < len(payload):
        if len(payload) - offset < _ATTRIBUTE.size:
            raise DecodeError("truncated attribute")
        length, type_ = _ATTRIBUTE.unpack_from(payload, offset)
        if length < _ATTRIBUTE.size or offset + length > len(payload):
            raise DecodeError("attribute length does not fit")
        yield type_ & _TYPE_MASK, payload[offset + _ATTRIBUTE.size : offset + length]
        offset += length + (-length % 4)

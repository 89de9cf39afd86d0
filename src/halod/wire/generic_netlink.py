"""Generic netlink: a command to a family that is known by its name, as bytes and back (genetlink).

    0                   1                   2                   3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +---------------+---------------+-------------------------------+
    |      cmd      |    version    |          reserved (0)         |
    +---------------+---------------+-------------------------------+
    | attributes …

The family's number is nlmsg_type. The kernel gives it when the family is registered, and the
controller, a family that is always there, tells it.

Knows `linux/genetlink.h`. Must not know sockets, nor any family but the controller.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from halod.wire.netlink import DecodeError, Message, attribute, attributes

__all__ = ["CONTROLLER", "CONTROLLER_VERSION", "GET_FAMILY", "HEADER_BYTES", "Command"]
__all__ += ["decode_command"]
__all__ += ["decode_family", "encode_command", "encode_family_query"]

CONTROLLER = 16
"""GENL_ID_CTRL: the controller's nlmsg_type."""
CONTROLLER_VERSION = 2
GET_FAMILY = 3
"""CTRL_CMD_GETFAMILY."""
FAMILY_NAME_MAX = 15
"""Bytes: GENL_NAMSIZ without its end."""

_HEADER = struct.Struct("=BBH")
HEADER_BYTES = _HEADER.size
"""Before the attributes, in the payload of a message."""
_NUMBER = struct.Struct("=H")
_FAMILY_ID, _FAMILY_NAME = 1, 2


@dataclass(frozen=True, slots=True)
class Command:
    """One message of a family."""

    number: int
    """Of the family's commands; in an answer: of the command that would make what is told."""
    version: int
    attributes: Mapping[int, bytes]


def encode_command(number: int, version: int, attributes_: bytes = b"") -> bytes:
    """Payload of a message whose type is the family's number."""
    return _HEADER.pack(number, version, 0) + attributes_


def decode_command(message: Message) -> Command:
    """Raises DecodeError."""
    if len(message.payload) < _HEADER.size:
        raise DecodeError("truncated genlmsghdr")
    number, version, _ = _HEADER.unpack_from(message.payload)
    return Command(number, version, attributes(message.payload, _HEADER.size))


def encode_family_query(name: str) -> bytes:
    """Payload to the controller: which number has the family of this name?"""
    packed = name.encode("ascii")
    assert 0 < len(packed) <= FAMILY_NAME_MAX
    named = attribute(_FAMILY_NAME, packed + b"\0")
    return encode_command(GET_FAMILY, CONTROLLER_VERSION, named)


def decode_family(message: Message) -> int:
    """The number from the controller's answer; raises DecodeError."""
    packed = decode_command(message).attributes.get(_FAMILY_ID, b"")
    if len(packed) != _NUMBER.size:
        raise DecodeError("an answer without the family's number")
    number: int = _NUMBER.unpack(packed)[0]
    return number

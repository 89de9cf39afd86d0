"""The numbers and the plain shapes of IPVS's attributes.

Knows `linux/ip_vs.h` and how a number or a name lies in an attribute. Must not know what they mean
together: `ipvs.py`.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from halod.wire.netlink import DecodeError, attribute, attributes

__all__ = ["BE16", "BE32", "U8", "U16", "U32", "U64", "Attributes", "DaemonAttribute"]
__all__ += ["DestAttribute", "InfoAttribute", "IpvsCommand", "ServiceAttribute"]
__all__ += ["StatsAttribute", "TopAttribute", "nest", "nested", "number", "numbers", "text"]
__all__ += ["words"]

Attributes = Mapping[int, bytes]

U8, U16, U32, U64 = (struct.Struct(f"={sign}") for sign in "BHIQ")
BE16, BE32 = struct.Struct("!H"), struct.Struct("!I")
_NESTED = 0x8000


class IpvsCommand(IntEnum):
    """IPVS_CMD_*."""

    NEW_SERVICE = 1
    SET_SERVICE = 2
    DEL_SERVICE = 3
    GET_SERVICE = 4
    NEW_DEST = 5
    SET_DEST = 6
    DEL_DEST = 7
    GET_DEST = 8
    NEW_DAEMON = 9
    DEL_DAEMON = 10
    GET_DAEMON = 11
    SET_CONFIG = 12
    GET_CONFIG = 13
    GET_INFO = 15
    ZERO = 16
    FLUSH = 17


class TopAttribute(IntEnum):
    """IPVS_CMD_ATTR_*."""

    SERVICE = 1
    DEST = 2
    DAEMON = 3
    TIMEOUT_TCP = 4
    TIMEOUT_TCP_FIN = 5
    TIMEOUT_UDP = 6


class InfoAttribute(IntEnum):
    """IPVS_INFO_ATTR_*, in the place of TopAttribute."""

    VERSION = 1
    CONN_TAB_SIZE = 2


class ServiceAttribute(IntEnum):
    """IPVS_SVC_ATTR_*."""

    AF = 1
    PROTOCOL = 2
    ADDR = 3
    PORT = 4
    FWMARK = 5
    SCHED_NAME = 6
    FLAGS = 7
    TIMEOUT = 8
    NETMASK = 9
    PE_NAME = 11


class DestAttribute(IntEnum):
    """IPVS_DEST_ATTR_*."""

    ADDR = 1
    PORT = 2
    FWD_METHOD = 3
    WEIGHT = 4
    U_THRESH = 5
    L_THRESH = 6
    ACTIVE_CONNS = 7
    INACT_CONNS = 8
    PERSIST_CONNS = 9
    STATS = 10
    ADDR_FAMILY = 11
    STATS64 = 12
    TUN_TYPE = 13
    TUN_PORT = 14
    TUN_FLAGS = 15


class DaemonAttribute(IntEnum):
    """IPVS_DAEMON_ATTR_*."""

    STATE = 1
    MCAST_IFN = 2
    SYNC_ID = 3
    SYNC_MAXLEN = 4
    MCAST_GROUP = 5
    MCAST_GROUP6 = 6
    MCAST_PORT = 7
    MCAST_TTL = 8


class StatsAttribute(IntEnum):
    """IPVS_STATS_ATTR_*. Between the numbers of 64 bits stand attributes of type PAD (11)."""

    CONNS = 1
    INBYTES = 4
    OUTBYTES = 5


def nest(type_: int, value: bytes) -> bytes:
    """An attribute that holds attributes."""
    return attribute(type_ | _NESTED, value)


def text(type_: int, value: str) -> bytes:
    """An attribute with a name."""
    return attribute(type_, value.encode("ascii") + b"\0")


def nested(found: Attributes, type_: int) -> Attributes:
    """The attributes inside one, none where it is missing; raises DecodeError."""
    return attributes(found.get(type_, b""), 0)


def numbers(shape: struct.Struct, found: Attributes, type_: int) -> tuple[Any, ...]:
    """What lies in an attribute that must be there; raises DecodeError."""
    value = found.get(type_)
    if value is None or len(value) != shape.size:
        raise DecodeError(f"attribute {type_!r} is missing or has another length")
    return shape.unpack(value)


def number(shape: struct.Struct, found: Attributes, type_: int, default: int | None = None) -> int:
    """Likewise of one number; with a default it may be missing."""
    if default is not None and type_ not in found:
        return default
    value: int = numbers(shape, found, type_)[0]
    return value


def words(found: Attributes, type_: int) -> str:
    """A name, empty where it is missing; raises DecodeError."""
    try:
        return found.get(type_, b"").partition(b"\0")[0].decode("ascii")
    except UnicodeDecodeError:
        raise DecodeError("a name that is not ASCII") from None

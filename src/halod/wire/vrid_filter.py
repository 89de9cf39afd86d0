"""Classic BPF that tells the adverts of our virtual routers from all others, in the kernel.

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-------------------------------+---------------+---------------+
    |             opcode            | jump if true  | jump if false |
    +-------------------------------+---------------+---------------+
    |                       operand of 32 bits                      |
    +---------------------------------------------------------------+

Knows instructions (socket(7), SO_ATTACH_FILTER) and where a datagram has its VRID. Must not know
sockets. A raw socket of IPv4 hands the program the datagram from its IP header on, one of IPv6 the
VRRP message alone.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from halod.model.auth_header import AUTH_HEADER_BYTES
from halod.wire.envelope import PROTOCOL, PROTOCOL_AH

__all__ = ["DROP", "PASS", "instruction", "ours", "ours_behind_auth_header"]
__all__ += ["ours_on_link", "strangers"]

_INSTRUCTION = struct.Struct("=HBBI")
_LOAD_HEADER_LENGTH_TO_X = 0xB1
_SET_X = 0x01
_LOAD_BYTE, _LOAD_BYTE_BEHIND_X, _LOAD_LENGTH = 0x30, 0x50, 0x80
_SUBTRACT_X = 0x1C
_JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST = 0x15, 0x35
_RETURN = 0x06
PASS, DROP = 0xFFFFFFFF, 0
"""What a program returns: how much of a packet is let through."""
_VRID_OFFSET = 1
"""Within the VRRP message, the same in every version (RFC 9568, 5.2.3)."""


def instruction(opcode: int, operand: int = 0, true: int = 0, false: int = 0) -> bytes:
    """One, as the drawing has it."""
    return _INSTRUCTION.pack(opcode, true, false, operand)


def ours(vrids: Iterable[int], ip_version: int = 4) -> bytes:
    """Lets through what is for one of these. A message too short for a VRID is dropped."""
    return _find_message(ip_version) + _match(vrids, found=PASS, missing=DROP)


def ours_behind_auth_header(vrids: Iterable[int]) -> bytes:
    """As `ours`, of what comes as protocol 51: on IPv4 alone."""
    offset = AUTH_HEADER_BYTES + _VRID_OFFSET
    return _find_message(4) + _match(vrids, found=PASS, missing=DROP, offset=offset)


def ours_on_link(vrids: Iterable[int], ip_version: int) -> bytes:
    """As `ours`, for a packet socket that is given all datagrams of one family from their IP header
    on: those of other protocols are dropped, and those with an Authentication Header all pass."""
    is_vrrp = (
        instruction(_LOAD_BYTE, 9 if ip_version == 4 else 6)
        + instruction(_JUMP_IF_EQUAL, PROTOCOL, true=3)
        + instruction(_JUMP_IF_EQUAL, PROTOCOL_AH, false=1)
        + instruction(_RETURN, PASS)
        + instruction(_RETURN, DROP)
    )
    begin = instruction(_LOAD_HEADER_LENGTH_TO_X) if ip_version == 4 else instruction(_SET_X, 40)
    return is_vrrp + begin + _match(vrids, found=PASS, missing=DROP)


def strangers(vrids: Iterable[int], ip_version: int = 4) -> bytes:
    """Lets through all that `ours` does not."""
    is_short = (
        instruction(_LOAD_LENGTH)
        + instruction(_SUBTRACT_X)
        + instruction(_JUMP_IF_AT_LEAST, _VRID_OFFSET + 1, true=1)
        + instruction(_RETURN, PASS)
    )
    return _find_message(ip_version) + is_short + _match(vrids, found=DROP, missing=PASS)


def _find_message(ip_version: int) -> bytes:
    """Where it begins, into X: the program is given it behind IPv4's header, or alone."""
    if ip_version == 4:
        return instruction(_LOAD_HEADER_LENGTH_TO_X)
    return instruction(_SET_X, 0)


def _match(vrids: Iterable[int], *, found: int, missing: int, offset: int = _VRID_OFFSET) -> bytes:
    """One comparison a VRID; the jump from the first of 255 has just room in its byte."""
    wanted = sorted(set(vrids))
    assert not wanted or (wanted[0] >= 1 and wanted[-1] <= 255)
    compare = (
        instruction(_JUMP_IF_EQUAL, vrid, true=len(wanted) - number)
        for number, vrid in enumerate(wanted)
    )
    return b"".join(
        (
            instruction(_LOAD_BYTE_BEHIND_X, offset),
            *compare,
            instruction(_RETURN, missing),
            instruction(_RETURN, found),
        )
    )

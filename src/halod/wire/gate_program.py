"""The gate: a program that the kernel runs on each packet of a link, and that silences a virtual
address once its lease is over, without the daemon (DESIGN, section 4; bpf-helpers(7)).

Two maps. `addresses`: 16 bytes (IPv4 as ::ffff:a.b.c.d) -> slot, 4 bytes. `deadlines`: slot -> the
nanosecond of CLOCK_BOOTTIME at which the lease ends, 8 bytes; IDLE while nobody here holds it.

    packet -> its address (in: who is asked; out: who speaks) -> slot? -> deadline -> verdict
                 no slot: pass          IDLE: pass          passed: drop          else: pass

The deadline is absolute. A process that was frozen between "I may" and the store grants nothing,
for what it stores is over already.

Knows where the addresses stand in IPv4, IPv6, ARP and neighbour discovery. Must not know how it is
loaded or attached.
"""

from __future__ import annotations

from enum import Enum
from ipaddress import IPv4Address

from halod.model.address import IpAddress
from halod.wire.ebpf import FRAME, Assembler, Jump, Register, Size

__all__ = ["DEADLINE_BYTES", "IDLE", "KEY_BYTES", "SHUT", "SLOT_BYTES", "VERDICT_DROP"]
__all__ += ["VERDICT_PASS", "Direction", "address_key", "gate_program"]

KEY_BYTES, SLOT_BYTES, DEADLINE_BYTES = 16, 4, 8
IDLE = 0
"""Deadline of a slot whose address is not ours: packets pass."""
SHUT = 1
"""Deadline that is over since the machine started: packets are dropped."""
VERDICT_PASS = -1
"""TC_ACT_UNSPEC: whatever other filters of the link say."""
VERDICT_DROP = 2
"""TC_ACT_SHOT."""

_MAP_LOOKUP, _LOAD_BYTES_RELATIVE, _BOOT_TIME = 1, 68, 125
_FROM_NETWORK_HEADER = 1
_SKB_PROTOCOL = 16
"""Offset of `protocol` in struct __sk_buff; it holds the EtherType in network order."""
_IPV4, _ARP, _IPV6 = 0x0008, 0x0608, 0xDD86
_IPV4_MAPPED = -65536
"""::ffff: in front of an IPv4 address, as a little-endian word."""
_KEY, _SLOT, _BYTE = -16, -20, -24
_ICMPV6, _IPV6_NEXT_HEADER = 58, 6
_ICMPV6_TYPE, _ND_TARGET = 40, 48

R0, R1, R2, R3, R4, R5, R6, R7, R8, R9 = (Register(n) for n in range(10))


class Direction(Enum):
    """Which way a packet goes; the value is its name in the kernel."""

    IN = "halod_in"
    OUT = "halod_out"


_OFFSETS = {
    # IPv4 and IPv6: destination in, source out. ARP: target address in, sender address out.
    # Neighbour discovery: a solicitation in asks for its target, an advertisement out speaks of it.
    Direction.IN: {"ipv4": 16, "arp": 24, "ipv6": 24, "nd_type": 135},
    Direction.OUT: {"ipv4": 12, "arp": 14, "ipv6": 8, "nd_type": 136},
}


def address_key(address: IpAddress) -> bytes:
    """Key of the `addresses` map, 16 bytes."""
    if isinstance(address, IPv4Address):
        return bytes(10) + b"\xff\xff" + address.packed
    return address.packed


def gate_program(direction: Direction, addresses: int, deadlines: int) -> bytes:
    """The program for one direction; `addresses` and `deadlines` are descriptors of the maps."""
    offsets = _OFFSETS[direction]
    code = Assembler()
    code.move(R6, R1)
    code.load(Size.WORD, R7, R6, _SKB_PROTOCOL)
    code.store_value(Size.DOUBLE, FRAME, _KEY, 0)
    code.store_value(Size.WORD, FRAME, _KEY + 8, _IPV4_MAPPED)
    code.jump_if(R7, Jump.EQUAL, _IPV4, "ipv4")
    code.jump_if(R7, Jump.EQUAL, _ARP, "arp")
    code.jump_if(R7, Jump.EQUAL, _IPV6, "ipv6")
    code.jump("pass")

    code.label("ipv4")
    _load_bytes(code, offsets["ipv4"], _KEY + 12, 4)
    code.jump("one address")
    code.label("arp")
    _load_bytes(code, offsets["arp"], _KEY + 12, 4)
    code.label("one address")
    _judge(code, addresses, deadlines, live="pass")

    code.label("ipv6")
    _load_bytes(code, offsets["ipv6"], _KEY, 16)
    _judge(code, addresses, deadlines, live="neighbour discovery")
    code.label("neighbour discovery")
    _load_bytes(code, _IPV6_NEXT_HEADER, _BYTE, 1)
    code.load(Size.BYTE, R7, FRAME, _BYTE)
    code.jump_if(R7, Jump.NOT_EQUAL, _ICMPV6, "pass")
    _load_bytes(code, _ICMPV6_TYPE, _BYTE, 1)
    code.load(Size.BYTE, R7, FRAME, _BYTE)
    code.jump_if(R7, Jump.NOT_EQUAL, offsets["nd_type"], "pass")
    _load_bytes(code, _ND_TARGET, _KEY, 16)
    _judge(code, addresses, deadlines, live="pass")

    code.label("drop")
    code.exit(VERDICT_DROP)
    code.label("pass")
    code.exit(VERDICT_PASS)
    return code.assemble()


def _load_bytes(code: Assembler, offset: int, place: int, length: int) -> None:
    """Copies from the network header on to the stack; a packet that is too short passes."""
    code.move(R1, R6)
    code.set(R2, offset)
    code.frame_address(R3, place)
    code.set(R4, length)
    code.set(R5, _FROM_NETWORK_HEADER)
    code.call(_LOAD_BYTES_RELATIVE)
    code.jump_if(R0, Jump.NOT_EQUAL, 0, "pass")


def _judge(code: Assembler, addresses: int, deadlines: int, live: str) -> None:
    """Looks the key on the stack up; goes on to `live` where it may be heard."""
    code.load_map(R1, addresses)
    code.frame_address(R2, _KEY)
    code.call(_MAP_LOOKUP)
    code.jump_if(R0, Jump.EQUAL, 0, live)
    code.load(Size.WORD, R1, R0, 0)
    code.store(Size.WORD, FRAME, _SLOT, R1)
    code.load_map(R1, deadlines)
    code.frame_address(R2, _SLOT)
    code.call(_MAP_LOOKUP)
    code.jump_if(R0, Jump.EQUAL, 0, live)
    code.load(Size.DOUBLE, R8, R0, 0)
    code.jump_if(R8, Jump.EQUAL, IDLE, live)
    code.call(_BOOT_TIME)
    code.jump_if_register(R0, Jump.GREATER_OR_EQUAL, R8, "drop")
    code.jump(live)

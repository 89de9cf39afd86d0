"""An assembler for eBPF, as far as halod's own programs need it (RFC 9669).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +---------------+-------+-------+-------------------------------+
    |    opcode     |  src  |  dst  |        offset (signed)        |
    +---------------+-------+-------+-------------------------------+
    |                       immediate (signed)                      |
    +---------------------------------------------------------------+

Knows instructions and labels. Must not know what a program does, nor the system call that loads it.
So neither a compiler nor libbpf is needed where halod runs.
"""

from __future__ import annotations

import struct
from enum import IntEnum

__all__ = ["FRAME", "Assembler", "Jump", "Register", "Size"]

_INSTRUCTION = struct.Struct("<BBhi")
_MOV_REGISTER, _MOV_IMMEDIATE, _ADD_IMMEDIATE = 0xBF, 0xB7, 0x07
_LOAD_64_IMMEDIATE, _PSEUDO_MAP_FD = 0x18, 1
_LOAD, _STORE_VALUE, _STORE = 0x61, 0x62, 0x63
_CLASS_JUMP, _SOURCE_REGISTER = 0x05, 0x08
_CALL, _EXIT = 0x85, 0x95


class Register(IntEnum):
    """r0 returns, r1 to r5 are arguments, r6 to r9 survive a call, r10 is the frame."""

    R0 = 0
    R1 = 1
    R2 = 2
    R3 = 3
    R4 = 4
    R5 = 5
    R6 = 6
    R7 = 7
    R8 = 8
    R9 = 9
    R10 = 10


FRAME = Register.R10
"""Read-only pointer to the end of 512 bytes of stack."""


class Size(IntEnum):
    """Width of a memory access, as the opcode's bits."""

    WORD = 0x00
    """4 bytes."""
    BYTE = 0x10
    DOUBLE = 0x18
    """8 bytes."""


class Jump(IntEnum):
    """Conditions, unsigned; 64 bits compared."""

    EQUAL = 0x10
    GREATER_OR_EQUAL = 0x30
    NOT_EQUAL = 0x50


class Assembler:
    """Collects instructions; `assemble` resolves labels. Jumps go forwards only."""

    def __init__(self) -> None:
        self._code: list[tuple[int, int, int, int, int]] = []
        self._labels: dict[str, int] = {}
        self._jumps: list[tuple[int, str]] = []

    def move(self, target: Register, source: Register) -> None:
        self._emit(_MOV_REGISTER, target, source)

    def set(self, target: Register, value: int) -> None:
        """A signed 32-bit value, extended to 64 bits."""
        self._emit(_MOV_IMMEDIATE, target, immediate=value)

    def frame_address(self, target: Register, offset: int) -> None:
        """Address of a place on the stack; `offset` is negative."""
        self.move(target, FRAME)
        self._emit(_ADD_IMMEDIATE, target, immediate=offset)

    def load(self, size: Size, target: Register, base: Register, offset: int) -> None:
        self._emit(_LOAD | size, target, base, offset)

    def store(self, size: Size, base: Register, offset: int, source: Register) -> None:
        self._emit(_STORE | size, base, source, offset)

    def store_value(self, size: Size, base: Register, offset: int, value: int) -> None:
        """A signed 32-bit value."""
        self._emit(_STORE_VALUE | size, base, 0, offset, value)

    def load_map(self, target: Register, descriptor: int) -> None:
        """The map behind an open descriptor: the loader replaces it by its address."""
        self._emit(_LOAD_64_IMMEDIATE, target, _PSEUDO_MAP_FD, immediate=descriptor)
        self._emit(0)

    def call(self, helper: int) -> None:
        """A helper of the kernel by its number (bpf-helpers(7)); r1 to r5 are lost."""
        self._emit(_CALL, immediate=helper)

    def jump(self, label: str) -> None:
        self._jumps.append((len(self._code), label))
        self._emit(_CLASS_JUMP)

    def jump_if(self, register: Register, condition: Jump, value: int, label: str) -> None:
        """Compares with a signed 32-bit value."""
        self._jumps.append((len(self._code), label))
        self._emit(_CLASS_JUMP | condition, register, immediate=value)

    def jump_if_register(
        self, register: Register, condition: Jump, other: Register, label: str
    ) -> None:
        self._jumps.append((len(self._code), label))
        self._emit(_CLASS_JUMP | condition | _SOURCE_REGISTER, register, other)

    def label(self, name: str) -> None:
        """The next instruction's name."""
        assert name not in self._labels, name
        self._labels[name] = len(self._code)

    def exit(self, value: int) -> None:
        """Returns a signed 32-bit value."""
        self.set(Register.R0, value)
        self._emit(_EXIT)

    def assemble(self) -> bytes:
        """The program, 8 bytes an instruction, little-endian."""
        code = list(self._code)
        for place, label in self._jumps:
            distance = self._labels[label] - place - 1
            assert distance >= 0, f"{label} lies behind: programs of halod have no loops"
            opcode, target, source, _, immediate = code[place]
            code[place] = (opcode, target, source, distance, immediate)
        return b"".join(
            _INSTRUCTION.pack(opcode, source << 4 | target, offset, immediate)
            for opcode, target, source, offset, immediate in code
        )

    def _emit(
        self, opcode: int, target: int = 0, source: int = 0, offset: int = 0, immediate: int = 0
    ) -> None:
        self._code.append((opcode, target, source, offset, immediate))

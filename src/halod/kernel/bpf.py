"""The system call bpf(2): maps, programs, and a trial run of a program.

Knows the attributes of each command. Must not know what a program or a map is for. Descriptors are
close-on-exec (the kernel makes them so); whoever asks for one closes it. Every function raises
OSError where the kernel refuses.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Sequence
from enum import IntEnum

__all__ = ["MAP_MMAPABLE", "MAP_NO_PREALLOC", "MapType", "create_map", "delete_element"]
__all__ += ["load_program", "run_program", "update_elements"]

_libc = ctypes.CDLL(None, use_errno=True)

_NUMBERS = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "ppc64le": 361, "s390x": 351}
"""Number of the system call, by `uname -m`."""
_MAP_CREATE, _MAP_UPDATE, _MAP_DELETE, _MAP_UPDATE_BATCH = 0, 2, 3, 26
_PROGRAM_LOAD, _PROGRAM_RUN = 5, 10
_ENOTSUPP = 524
"""The kernel's own "this map cannot": it has no name in errno(3)."""
_PROGRAM_SCHED_CLS = 3
_NAME_BYTES_MAX = 15
_BATCH = struct.Struct("=QQQQIIQQ")
_RUN = struct.Struct("=IIIIQQII")
_RUN_OUTPUT_BYTES = 2048
"""Room for the packet as the program leaves it; trial packets are far shorter."""

MAP_NO_PREALLOC = 0x1
MAP_MMAPABLE = 0x400


class MapType(IntEnum):
    """enum bpf_map_type."""

    HASH = 1
    ARRAY = 2


def create_map(
    type_: MapType, key_bytes: int, value_bytes: int, entries: int, flags: int, name: str
) -> int:
    """A descriptor of a new map."""
    attributes = struct.pack(
        "=IIIIIII16s", type_, key_bytes, value_bytes, entries, flags, 0, 0, _name(name)
    )
    return _bpf(_MAP_CREATE, bytearray(attributes))


def update_elements(descriptor: int, keys: Sequence[bytes], values: Sequence[bytes]) -> None:
    """Adds or replaces elements, all in one call where the kernel can (Linux 5.6)."""
    if not keys:
        return
    key_buffer, value_buffer = _buffer(b"".join(keys)), _buffer(b"".join(values))
    key_place, value_place = ctypes.addressof(key_buffer), ctypes.addressof(value_buffer)
    batch = _BATCH.pack(0, 0, key_place, value_place, len(keys), descriptor, 0, 0)
    try:
        _bpf(_MAP_UPDATE_BATCH, bytearray(batch))
    except OSError as error:
        if error.errno not in (errno.EINVAL, _ENOTSUPP):
            raise
    else:
        return
    for number, (key, value) in enumerate(zip(keys, values, strict=True)):
        places = (key_place + number * len(key), value_place + number * len(value))
        _bpf(_MAP_UPDATE, bytearray(struct.pack("=IxxxxQQQ", descriptor, *places, 0)))


def delete_element(descriptor: int, key: bytes) -> None:
    """Takes one element out; one that is not there is no failure."""
    key_buffer = _buffer(key)
    attributes = struct.pack("=IxxxxQQQ", descriptor, ctypes.addressof(key_buffer), 0, 0)
    try:
        _bpf(_MAP_DELETE, bytearray(attributes))
    except FileNotFoundError:
        return


def load_program(code: bytes, name: str) -> int:
    """A descriptor of a program for traffic control, checked by the kernel's verifier.

    The kernel lends the clock CLOCK_BOOTTIME to programs under any licence; this one is Apache-2.0.
    """
    code_buffer, licence = _buffer(code), _buffer(b"Apache-2.0\0")
    attributes = struct.pack(
        "=IIQQIIQII16s",
        _PROGRAM_SCHED_CLS,
        len(code) // 8,
        ctypes.addressof(code_buffer),
        ctypes.addressof(licence),
        0,
        0,
        0,
        0,
        0,
        _name(name),
    )
    return _bpf(_PROGRAM_LOAD, bytearray(attributes))


def run_program(descriptor: int, packet: bytes) -> int:
    """Verdict of a program on a packet that exists nowhere else, as a signed 32-bit value."""
    given, left = _buffer(packet), ctypes.create_string_buffer(_RUN_OUTPUT_BYTES)
    attributes = bytearray(
        _RUN.pack(
            descriptor,
            0,
            len(packet),
            _RUN_OUTPUT_BYTES,
            ctypes.addressof(given),
            ctypes.addressof(left),
            1,
            0,
        )
    )
    _bpf(_PROGRAM_RUN, attributes)
    verdict: int = struct.unpack_from("=i", attributes, 4)[0]
    return verdict


def _bpf(command: int, attributes: bytearray) -> int:
    """The kernel may write into `attributes`."""
    number = _NUMBERS.get(os.uname().machine)
    if number is None:
        raise OSError(errno.ENOSYS, f"bpf(2) has no number known here for {os.uname().machine}")
    pointer = (ctypes.c_char * len(attributes)).from_buffer(attributes)
    result: int = _libc.syscall(number, command, pointer, len(attributes))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def _buffer(data: bytes) -> ctypes.Array[ctypes.c_char]:
    return ctypes.create_string_buffer(data, len(data))


def _name(name: str) -> bytes:
    """Letters, digits, underscore and full stop, as the kernel asks for."""
    assert len(name) <= _NAME_BYTES_MAX, name
    return name.encode()

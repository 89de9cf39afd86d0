"""The sequences of auth_hmac that must outlive a process: a file in the run directory, mapped.

    a slot of an instance
    +------------+------------+---------+ +--------------+---------+ ... three more
    | key (16)   | sent (8)   | turn (8)| | source (16)  | mark (8)|
    +------------+------------+---------+ +--------------+---------+

Knows a layout. Must not know what a sequence means. A store is enough to remember, so a process
that dies at any instruction has forgotten nothing; the file goes with the machine's next boot.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import struct
from collections import deque
from ipaddress import IPv4Address
from pathlib import Path

from halod.model.address import IpAddress
from halod.vrrp.sequence_memory import SENDERS_MAX

__all__ = ["SequenceFile", "SequenceSlot"]

FILE_NAME = "sequences"
SLOTS_MAX = 4096
"""Instances with auth_hmac, those of earlier configurations among them; the oldest make room."""
_HEAD = struct.Struct("=16sQQ")
_MARK = struct.Struct("=16sQ")
_SLOT_SIZE = _HEAD.size + SENDERS_MAX * _MARK.size
_SIZE = SLOTS_MAX * _SLOT_SIZE


class SequenceSlot:
    """The memory of one instance: halod.vrrp.sequence_memory.SequenceMemory."""

    def __init__(self, memory: mmap.mmap, offset: int) -> None:
        self._memory = memory
        self._offset = offset

    def sent(self) -> int | None:
        """The last sequence that was signed; None: there was none."""
        return _HEAD.unpack_from(self._memory, self._offset)[1] or None

    def note_sent(self, sequence: int) -> None:
        key, _, turn = _HEAD.unpack_from(self._memory, self._offset)
        _HEAD.pack_into(self._memory, self._offset, key, sequence, turn)

    def heard(self, source: IpAddress) -> int | None:
        """The last sequence of a source that counted; None: there was none."""
        wanted = _packed(source)
        for number in range(SENDERS_MAX):
            found, mark = _MARK.unpack_from(self._memory, self._mark_at(number))
            if found == wanted:
                return int(mark)
        return None

    def note_heard(self, source: IpAddress, sequence: int) -> None:
        """In the place of the same source, or of the one that was heard longest ago."""
        wanted = _packed(source)
        marks = [
            _MARK.unpack_from(self._memory, self._mark_at(number)) for number in range(SENDERS_MAX)
        ]
        sources = [found for found, _ in marks]
        if wanted in sources:
            sources.remove(wanted)
            marks = [each for each in marks if each[0] != wanted]
        else:
            marks.pop()
        for number, (found, mark) in enumerate([(wanted, sequence), *marks]):
            _MARK.pack_into(self._memory, self._mark_at(number), found, mark)

    def _mark_at(self, number: int) -> int:
        return self._offset + _HEAD.size + number * _MARK.size


class SequenceFile:
    """All slots. OSError: the run directory takes no file, or has no room for it."""

    def __init__(self, run_dir: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(run_dir / FILE_NAME, flags, 0o600)
        try:
            # All of it now: a store into a hole of a full file system would end the process.
            os.posix_fallocate(descriptor, 0, _SIZE)
            self._memory = mmap.mmap(descriptor, _SIZE)
        finally:
            os.close(descriptor)
        heads = [
            (*_HEAD.unpack_from(self._memory, offset), offset)
            for offset in range(0, _SIZE, _SLOT_SIZE)
        ]
        heads.sort(key=lambda head: head[2])
        self._slots = {key: offset for key, _, _, offset in heads}
        self._oldest_first = deque((key, offset) for key, _, _, offset in heads)
        self._turn: int = heads[-1][2]

    def slot(self, instance: str) -> SequenceSlot:
        """That of an instance, by its name; a new one takes the place of the oldest."""
        wanted = hashlib.sha256(instance.encode()).digest()[:16]
        offset = self._slots.get(wanted)
        if offset is None:
            gone, offset = self._oldest_first.popleft()
            self._slots.pop(gone, None)
            self._turn += 1
            self._memory[offset : offset + _SLOT_SIZE] = bytes(_SLOT_SIZE)
            _HEAD.pack_into(self._memory, offset, wanted, 0, self._turn)
            self._slots[wanted] = offset
            self._oldest_first.append((wanted, offset))
        return SequenceSlot(self._memory, offset)

    def close(self) -> None:
        self._memory.close()


def _packed(source: IpAddress) -> bytes:
    """An IPv4 address as IPv6 maps it: no address of another is all zero."""
    mapped = isinstance(source, IPv4Address)
    return b"\0" * 10 + b"\xff\xff" + source.packed if mapped else source.packed

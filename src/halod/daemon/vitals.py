"""Memory that the heartbeat writes and the supervisor reads: is it alive, and what would it leave?

     0        8            12
    +--------+------------+----------------------------------+
    | pulse  | generation | one byte of state an instance    |
    +--------+------------+----------------------------------+

Knows a layout. Must not know what is concluded from it. A store is enough to publish: no message,
no system call, so a process that dies at any instruction has said everything up to there.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterable, Iterator

from halod.model.state import State

__all__ = ["VITALS_INSTANCES_MAX", "Vitals"]

VITALS_INSTANCES_MAX = 65536
"""Instances with a state byte; `~SEQ` makes at most 65,024."""

_PULSE = struct.Struct("=Q")
_GENERATION = struct.Struct("=I")
_STATES_OFFSET = _PULSE.size + _GENERATION.size
_CODES = {State.INITIALIZE: 0, State.BACKUP: 1, State.MASTER: 2, State.FAULT: 3}
_STATES = {code: state for state, code in _CODES.items()}


class Vitals:
    """One mapping of the shared memory; both sides use the same class."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._memory = mmap.mmap(descriptor, _STATES_OFFSET + VITALS_INSTANCES_MAX)
        self._pulse = 0

    @classmethod
    def create(cls) -> Vitals:
        """New memory, all zero; the descriptor is inheritable only when passed on by name."""
        descriptor = os.memfd_create("halod-vitals", os.MFD_CLOEXEC)
        os.ftruncate(descriptor, _STATES_OFFSET + VITALS_INSTANCES_MAX)
        return cls(descriptor)

    def close(self) -> None:
        """Unmaps and closes."""
        self._memory.close()
        os.close(self.descriptor)

    # ---- the heartbeat's side --------------------------------------------------------------

    def beat(self) -> None:
        """A sign of life: once a turn of the loop."""
        self._pulse += 1
        _PULSE.pack_into(self._memory, 0, self._pulse)

    def publish(self, generation: int, states: Iterable[State]) -> None:
        """States in the order of the configuration of that generation."""
        codes = bytes(_CODES[state] for state in states)
        self._memory[_STATES_OFFSET : _STATES_OFFSET + len(codes)] = codes
        _GENERATION.pack_into(self._memory, _PULSE.size, generation)

    # ---- the supervisor's side -------------------------------------------------------------

    @property
    def pulse(self) -> int:
        """Counts up while the heartbeat lives."""
        value: int = _PULSE.unpack_from(self._memory, 0)[0]
        return value

    @property
    def generation(self) -> int:
        """Which configuration the states belong to."""
        value: int = _GENERATION.unpack_from(self._memory, _PULSE.size)[0]
        return value

    def states(self, count: int) -> Iterator[State]:
        """The first `count` states; a byte that is none of ours counts as BACKUP."""
        codes = self._memory[_STATES_OFFSET : _STATES_OFFSET + count]
        return (_STATES.get(code, State.BACKUP) for code in codes)

    def clear(self) -> None:
        """Before a new child: nothing of the old one may speak for it."""
        self._memory[:] = bytes(len(self._memory))
        self._pulse = 0

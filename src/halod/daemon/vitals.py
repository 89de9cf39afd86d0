"""Memory that the heartbeat writes and the supervisor reads: is it alive, and what would it leave?

     0       8            12                                    65548
    +-------+------------+-------------------------------------+--------------------------+
    | pulse | generation | one byte of state an instance       | the advert that is being |
    |       |            |                                     | handled, while it is     |
    +-------+------------+-------------------------------------+--------------------------+

Knows a layout. Must not know what is concluded from it. A store is enough to publish: no message,
no system call, so a process that dies at any instruction has said everything up to there.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from halod.model.auth_header import AuthHeader
from halod.model.event import AdvertReceived
from halod.model.state import State

__all__ = ["VITALS_INSTANCES_MAX", "Vitals"]

VITALS_INSTANCES_MAX = 65536
"""Instances with a state byte; `~SEQ` makes at most 65,024."""
GENERATION_NONE = 0
"""Nothing was published yet, or not all of it."""

_PULSE = struct.Struct("=Q")
_GENERATION = struct.Struct("=I")
_STATES_OFFSET = _PULSE.size + _GENERATION.size
_PACKET = struct.Struct("=HBB16s16s16sBH24s")
"""Length of the payload, TTL, length of an address (0: none is being handled), interface, source,
destination, then whether there is an Authentication Header, the identification of the IP header
before it, and the header; the payload follows."""
_PACKET_OFFSET = _STATES_OFFSET + VITALS_INSTANCES_MAX
_ADDRESS_LENGTH_OFFSET = _PACKET_OFFSET + 3
_PAYLOAD_OFFSET = _PACKET_OFFSET + _PACKET.size
_PAYLOAD_MAX = 2048
"""Bytes: more are never read from the socket."""
_SIZE = _PAYLOAD_OFFSET + _PAYLOAD_MAX
_CODES = {State.INITIALIZE: 0, State.BACKUP: 1, State.MASTER: 2, State.FAULT: 3}
_STATES = {code: state for state, code in _CODES.items()}


class Vitals:
    """One mapping of the shared memory; both sides use the same class."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._memory = mmap.mmap(descriptor, _SIZE)
        self._pulse = 0
        self._generation = GENERATION_NONE

    @classmethod
    def create(cls) -> Vitals:
        """New memory, all zero; the descriptor is inheritable only when passed on by name.

        Its size is sealed: a child that cut it off would kill whoever looks at it.
        """
        descriptor = os.memfd_create("halod-vitals", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(descriptor, _SIZE)
        seals = fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
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
        """States in the order of the configuration of that generation.

        While the states of a new one are stored there is none: nothing is concluded from them.
        """
        codes = bytes(_CODES[state] for state in states)
        if generation != self._generation:
            _GENERATION.pack_into(self._memory, _PULSE.size, GENERATION_NONE)
            self._generation = generation
        self._memory[_STATES_OFFSET : _STATES_OFFSET + len(codes)] = codes
        _GENERATION.pack_into(self._memory, _PULSE.size, generation)

    def take_in_hand(self, packet: AdvertReceived) -> None:
        """Before it is handled: two stores."""
        source, length = packet.source.packed, len(packet.payload)
        header = packet.auth_header
        self._memory[_PAYLOAD_OFFSET : _PAYLOAD_OFFSET + length] = packet.payload
        _PACKET.pack_into(
            self._memory,
            _PACKET_OFFSET,
            length,
            packet.ttl,
            len(source),
            packet.interface.encode(),
            source,
            packet.destination.packed,
            header is not None,
            0 if header is None else header.identification,
            b"" if header is None else header.raw,
        )

    def lay_down(self) -> None:
        """After the last of a turn: what breaks now is not its fault."""
        self._memory[_ADDRESS_LENGTH_OFFSET] = 0

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

    def packet_in_hand(self) -> AdvertReceived | None:
        """The advert that was being handled, to the byte; None: it was at something else."""
        length, ttl, size, interface, source, destination, *header = _PACKET.unpack_from(
            self._memory, _PACKET_OFFSET
        )
        is_behind_header, identification, raw = header
        if size not in (4, 16) or length > _PAYLOAD_MAX:
            return None
        return AdvertReceived(
            interface.rstrip(b"\0").decode(errors="replace"),
            ip_address(source[:size]),
            ip_address(destination[:size]),
            ttl,
            self._memory[_PAYLOAD_OFFSET : _PAYLOAD_OFFSET + length],
            AuthHeader(identification, raw) if is_behind_header else None,
        )

    def clear(self) -> None:
        """Before a new child: nothing of the old one may speak for it."""
        self._memory[:] = bytes(len(self._memory))
        self._pulse = 0

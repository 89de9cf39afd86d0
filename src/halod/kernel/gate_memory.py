"""The gate's maps and programs: made by a process that may use bpf(2), passed on by descriptor.

Knows slots and deadlines, and how the gate is proved before anybody relies on it. Must not know
interfaces (`gate_hooks`) nor when a lease is due. To renew a lease is one store into memory that is
shared with the kernel: no system call, no lock.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import resource
import struct
from collections.abc import Collection, Iterable
from ipaddress import IPv4Address

from halod.kernel import bpf
from halod.kernel.clock import boot_now
from halod.model.address import IpAddress
from halod.model.units import Duration, Instant
from halod.wire import arp
from halod.wire.gate_program import (
    DEADLINE_BYTES,
    IDLE,
    KEY_BYTES,
    SHUT,
    SLOT_BYTES,
    VERDICT_DROP,
    VERDICT_PASS,
    Direction,
    address_key,
    gate_program,
)

__all__ = ["SLOTS_MAX", "GateMemory"]

SLOTS_MAX = 65536
"""Leases: one an instance; `~SEQ` makes at most 65,024 of them."""
ADDRESSES_MAX = 65536
"""Virtual addresses; the kernel takes 1 MiB for the table, and more for those that stand."""
PROOF_SPAN = Duration.seconds(60)
"""A deadline so far ahead that no pause between two instructions reaches it."""

_SLOT = struct.Struct("=I")
_PROOF_SLOT = SLOTS_MAX - 1
_PROOF_ADDRESS = IPv4Address("192.0.2.1")
_PROOF_HARDWARE_ADDRESS = bytes.fromhex("020000000001")


class GateMemory:
    """Both processes hold one: the heartbeat stores, the supervisor shuts what a dead one left."""

    def __init__(self, descriptors: Iterable[int]) -> None:
        """`descriptors`: addresses, deadlines, program in, program out; owned from now on."""
        self.descriptors = tuple(descriptors)
        self._addresses, self._deadlines, self.program_in, self.program_out = self.descriptors
        self._memory = mmap.mmap(self._deadlines, SLOTS_MAX * DEADLINE_BYTES)
        self.ends = memoryview(self._memory).cast("Q")
        """By slot, the end of its lease on CLOCK_BOOTTIME in nanoseconds; what `open` stores."""

    @classmethod
    def create(cls) -> GateMemory:
        """New maps and programs; raises OSError where the kernel refuses them."""
        # Before Linux 5.11 maps count against this limit; if they do, their creation will tell.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY,) * 2)
        made: list[int] = []
        try:
            made.append(
                bpf.create_map(
                    bpf.MapType.HASH,
                    KEY_BYTES,
                    SLOT_BYTES,
                    ADDRESSES_MAX,
                    bpf.MAP_NO_PREALLOC,
                    "halod_vips",
                )
            )
            made.append(
                bpf.create_map(
                    bpf.MapType.ARRAY,
                    SLOT_BYTES,
                    DEADLINE_BYTES,
                    SLOTS_MAX,
                    bpf.MAP_MMAPABLE,
                    "halod_leases",
                )
            )
            for direction in Direction:
                code = gate_program(direction, made[0], made[1])
                made.append(bpf.load_program(code, direction.value))
            return cls(made)
        except OSError:
            for descriptor in made:
                os.close(descriptor)
            raise

    def close(self) -> None:
        """Lets go; programs that hang on an interface live on with their maps."""
        self.ends.release()
        self._memory.close()
        for descriptor in self.descriptors:
            os.close(descriptor)

    # ---- leases ----------------------------------------------------------------------------

    def open(self, slot: int, until: Instant) -> None:
        """The addresses of a slot may be heard until that instant, whatever becomes of us."""
        self.ends[slot] = until.ns

    def lift(self, slot: int) -> None:
        """The addresses of a slot are no business of the gate."""
        self.ends[slot] = IDLE

    def shut(self, slot: int) -> None:
        """From the next packet on they are silent."""
        self.ends[slot] = SHUT

    def shut_all(self) -> None:
        """The same for every slot that was ever opened."""
        for slot, end in enumerate(self.ends):
            if end != IDLE:
                self.ends[slot] = SHUT

    def deadline(self, slot: int) -> Instant:
        """The end of a slot's lease."""
        return Instant(self.ends[slot])

    # ---- addresses -------------------------------------------------------------------------

    def put(self, addresses: Collection[IpAddress], slot: int) -> None:
        """These addresses hang on that slot's lease from now on."""
        bpf.update_elements(
            self._addresses,
            [address_key(address) for address in addresses],
            [_SLOT.pack(slot)] * len(addresses),
        )

    def take(self, addresses: Collection[IpAddress]) -> None:
        """These are no business of the gate any more: packets pass."""
        for address in addresses:
            bpf.delete_element(self._addresses, address_key(address))

    # ---- proof -----------------------------------------------------------------------------

    def prove(self) -> str | None:
        """Runs both programs on a packet of an address for documentation; what is wrong, or None.

        Without a lease it must pass, with a live one pass, with one that is over be dropped.
        """
        frame = arp.gratuitous(_PROOF_HARDWARE_ADDRESS, _PROOF_ADDRESS)
        trials = (
            ("no lease", IDLE, VERDICT_PASS),
            ("a live lease", (boot_now() + PROOF_SPAN).ns, VERDICT_PASS),
            ("a lease that is over", SHUT, VERDICT_DROP),
        )
        self.put([_PROOF_ADDRESS], _PROOF_SLOT)
        try:
            for name, deadline, expected in trials:
                self.open(_PROOF_SLOT, Instant(deadline))
                for program in (self.program_in, self.program_out):
                    verdict = bpf.run_program(program, frame)
                    if verdict != expected:
                        return f"with {name} it answered {verdict}, not {expected}"
        finally:
            self.open(_PROOF_SLOT, Instant(IDLE))
            self.take([_PROOF_ADDRESS])
        return None

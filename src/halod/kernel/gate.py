"""The leases of one daemon behind the gate: which instance has which slot, and when it ends.

Knows names and slots. For the advert path: each call is one store, no lock and no system call.
Must not know interfaces (`gate_hooks`) nor when a lease is due: it is told.
"""

from __future__ import annotations

from collections.abc import Collection

from halod.kernel.gate_memory import SLOTS_MAX, GateMemory
from halod.model.units import Instant
from halod.model.vrrp import VrrpInstance

__all__ = ["Gate"]

_SLOTS_GIVEN = SLOTS_MAX - 1
"""The last slot is for the proof."""


class Gate:
    """One slot an instance, kept for as long as the instance exists."""

    renews_at_once = True

    def __init__(self, memory: GateMemory) -> None:
        self.memory = memory
        self._slots: dict[str, int] = {}
        self._next = 0

    def adopt(self, instances: Collection[VrrpInstance]) -> None:
        """Slots for these. One that came free is given out again only after all others: what it
        silenced may still stand."""
        names = {instance.name: None for instance in instances}
        self._slots = {name: slot for name, slot in self._slots.items() if name in names}
        taken = set(self._slots.values())
        for name in names:
            if name not in self._slots:
                while self._next in taken:
                    self._next = (self._next + 1) % _SLOTS_GIVEN
                self._slots[name] = self._next
                taken.add(self._next)

    def slot(self, instance: str) -> int | None:
        """The slot of an instance; None for one that a reload removed."""
        return self._slots.get(instance)

    def open(self, instance: str, term: int, until: Instant) -> None:
        """Its addresses may be heard until that instant, whatever becomes of us. An instant needs
        no term to be void: it is past."""
        self.memory.ends[self._slots[instance]] = until.ns

    def shut(self, instance: str) -> None:
        """From the next packet on they are silent."""
        slot = self._slots.get(instance)
        if slot is not None:
            self.memory.shut(slot)

"""The gate as the address worker uses it: on which interfaces it hangs, which addresses it guards.

Knows slots, addresses, interfaces. Must not know when a lease ends (the advert path tells `Gate`)
nor move addresses (`addresses`). For the worker's thread: its calls may wait for the kernel.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from halod.kernel.gate import Gate
from halod.kernel.gate_hooks import GateHooks
from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.model.address import Link, VirtualAddress
from halod.model.event import GateObserved
from halod.model.vrrp import LeaseMode

__all__ = ["GateKeeper"]


class GateKeeper:
    """Puts the gate on interfaces, and addresses behind it."""

    def __init__(self, gate: Gate, requests: RtnetlinkSocket, run_dir: str) -> None:
        self._gate = gate
        self._hooks = GateHooks(requests, run_dir)
        self._hung: dict[str, int] = {}
        """Interfaces that have it, and their indexes."""

    def hang(self, link: Link) -> GateObserved:
        """Puts it on an interface, or back on; idempotent."""
        before = self._hung.get(link.name) == link.index
        if before and self._hooks.hangs(link.index):
            return GateObserved(link.name, LeaseMode.BPF, hangs=True)
        memory = self._gate.memory
        reason = self._hooks.attach(link.index, memory.program_in, memory.program_out)
        if reason is not None:
            self._hung.pop(link.name, None)
            return GateObserved(link.name, LeaseMode.BPF, hangs=False, reason=reason)
        self._hung[link.name] = link.index
        return GateObserved(link.name, LeaseMode.BPF, hangs=True, put_back=before)

    def guard(self, instance: str, addresses: Iterable[VirtualAddress]) -> None:
        """These are heard while the lease of the instance is live. To be called before they stand:
        an address that is up and not guarded would outlive us."""
        slot = self._gate.slot(instance)
        if slot is not None:
            self._gate.memory.put([a.address for a in addresses], slot)

    def dismiss(self, addresses: Iterable[VirtualAddress]) -> None:
        """These stand here no more, or are the operator's: the gate lets them be."""
        self._gate.memory.take([a.address for a in addresses])

    def close(self, standing: Collection[VirtualAddress]) -> None:
        """Takes it off every interface, unless an address that it silences still stands."""
        if standing:
            return
        for index in self._hung.values():
            self._hooks.detach(index)
        self._hung.clear()

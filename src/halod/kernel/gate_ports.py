"""What a gate is to those who use it, whichever way in the kernel it goes.

Two faces: one for the advert path, which must not wait for anything, and one for the worker, which
may. Knows neither BPF nor nftables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

from halod.model.address import Link, VirtualAddress
from halod.model.event import GateObserved
from halod.model.units import Instant
from halod.model.vrrp import VrrpInstance

__all__ = ["GateKeeping", "LeaseGate"]


class LeaseGate(Protocol):
    """For the advert path: no call waits, none fails."""

    renews_at_once: bool
    """Whether `open` has renewed the lease when it returns; otherwise a thread does it."""

    def adopt(self, instances: Collection[VrrpInstance]) -> None:
        """The instances that have a lease from now on."""

    def open(self, instance: str, term: int, until: Instant) -> None:
        """Its addresses may be heard until that instant, whatever becomes of us."""

    def shut(self, instance: str) -> None:
        """Its addresses are to be silent now."""


class GateKeeping(Protocol):
    """For the worker's thread; OSError where the kernel refuses."""

    def hang(self, link: Link) -> GateObserved:
        """Puts the gate on an interface, or back on; idempotent."""

    def guard(self, instance: str, addresses: Iterable[VirtualAddress]) -> None:
        """These are heard while the lease of the instance is live. To be called before they stand:
        an address that is up and not guarded would outlive us."""

    def dismiss(self, addresses: Iterable[VirtualAddress]) -> None:
        """These stand here no more, or are the operator's: the gate lets them be."""

    def close(self, standing: Collection[VirtualAddress]) -> None:
        """Takes it away, unless an address that it silences still stands."""

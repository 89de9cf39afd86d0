"""What stands whoever is MASTER: put up, followed through a reload, taken down at a clean stop.

Knows which of the addresses are ours. Must not decide when. An interface that goes takes its routes
along, so what is to stand is asked for again when one comes back.
"""

from __future__ import annotations

from halod.kernel.addresses import Addresses
from halod.kernel.routing_table import RoutingTable
from halod.model.address import VirtualAddress
from halod.model.configuration import Statics

__all__ = ["StaticKeeper"]


class StaticKeeper:
    """For one thread."""

    def __init__(self, addresses: Addresses, table: RoutingTable) -> None:
        self._addresses = addresses
        self._table = table
        self._held = Statics()
        self.places: dict[VirtualAddress, int] = {}
        """Ours, with the index of the interface where each was put up."""

    def hold(self, statics: Statics) -> list[str]:
        """Makes it so; idempotent. What the kernel refuses, with its reason."""
        before, self._held = self._held, statics
        refused = self._table.remove(before.routing.without(statics.routing))
        gone = {a: i for a, i in self.places.items() if a not in statics.addresses}
        refused += [f"{address}: {reason}" for address, reason in self._addresses.revoke(gone)]
        given = self._addresses.grant(statics.addresses, None, self.places)
        kept = {a: i for a, i in self.places.items() if a not in gone}
        self.places = {a: i for a, i in (kept | given.places).items() if a not in given.foreign}
        refused += [reason for _, reason in given.failed]
        return refused + self._table.install(statics.routing)

"""Whether the master advertises the addresses that this node has.

Knows the comparison, and tells it once a source until it changes. A mismatch never drops an advert:
doing so makes two masters (keepalived up to 2.3.2 did).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from halod.model.address import IpAddress
from halod.model.advert import PRIORITY_RESIGN, Advert
from halod.model.fact import ListMismatch
from halod.model.vrrp import VrrpInstance

__all__ = ["ListComparison"]

TOLD_MAX = 16
"""Sources remembered: more masters than that beside one another are an attack, not a mistake."""

_Addresses = frozenset[IpAddress]


@dataclass(slots=True)
class ListComparison:
    """The mismatches of one router that were told."""

    _told: dict[IpAddress, tuple[_Addresses, _Addresses]] = field(default_factory=dict)
    """By source, our list and its list."""

    def compare(
        self, config: VrrpInstance, advert: Advert, source: IpAddress
    ) -> ListMismatch | None:
        """The fact to be told now, or None."""
        if advert.priority == PRIORITY_RESIGN:
            return None
        here = frozenset(address.address for address in config.addresses)
        there = frozenset(advert.addresses)
        if here == there:
            self._told.pop(source, None)
            return None
        if self._told.get(source) == (here, there):
            return None
        if source not in self._told and len(self._told) >= TOLD_MAX:
            return None
        self._told[source] = (here, there)
        return ListMismatch(
            config.name,
            source,
            tuple(sorted(here - there, key=int)),
            tuple(sorted(there - here, key=int)),
        )

"""Whether the master advertises the addresses that this node has.

Knows the comparison, and tells it once until it changes. A mismatch never drops an advert: doing so
makes two masters (keepalived up to 2.3.2 did).
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.address import IpAddress
from halod.model.advert import PRIORITY_RESIGN, Advert
from halod.model.fact import ListMismatch
from halod.model.vrrp import VrrpInstance

__all__ = ["ListComparison"]


@dataclass(slots=True)
class ListComparison:
    """The last mismatch of one router that was told."""

    _told: tuple[IpAddress, tuple[IpAddress, ...]] | None = None

    def compare(
        self, config: VrrpInstance, advert: Advert, source: IpAddress
    ) -> ListMismatch | None:
        """The fact to be told now, or None."""
        if advert.priority == PRIORITY_RESIGN:
            return None
        here = {address.address for address in config.addresses}
        there = set(advert.addresses)
        if here == there:
            self._told = None
            return None
        key = (source, advert.addresses)
        if key == self._told:
            return None
        self._told = key
        return ListMismatch(
            config.name,
            source,
            tuple(sorted(here - there, key=int)),
            tuple(sorted(there - here, key=int)),
        )

"""Whether the addresses answer, whoever is master.

Knows Accept_Mode (RFC 9568, 6.1). Must not know how traffic is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator

from halod.compare.cluster import Router
from halod.compare.difference import Difference, Gravity, listed

__all__ = ["different_acceptance"]


def different_acceptance(router: Router) -> Iterator[Difference]:
    """An owner answers by the RFC: it is no difference."""
    others = [seat for seat in router.seats if not seat.instance.is_owner]
    deaf = [seat for seat in others if seat.instance.is_deaf]
    if 0 < len(deaf) < len(others):
        yield Difference(
            Gravity.RISK,
            f"{router.seats[0].instance.name} drops what is sent to its addresses on "
            f"{listed(seat.node.name for seat in deaf)} alone: whether they answer depends on who "
            "is master",
            tuple(seat.place("no_accept", "accept", "strict_mode") for seat in others),
        )

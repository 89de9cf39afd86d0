"""Virtual routers that are not on every node, and addresses that two of them hold.

Knows VRIDs and addresses. Must not know adverts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from halod.compare.cluster import Router, Seat
from halod.compare.difference import Difference, Gravity, listed
from halod.model.address import IpAddress

__all__ = ["missing_seats"]


def missing_seats(routers: Sequence[Router], nodes: int) -> Iterator[Difference]:
    """What should be one router and is two; then what has no second node."""
    parted: set[int] = set()
    for (one, other), halves in _halves(routers).items():
        parted |= {one, other}
        first, second = halves[0][0], halves[0][1]
        yield _two_routers(first, second, [address for _, _, address in halves])
    for number, router in enumerate(routers):
        if len(router.seats) < min(nodes, 2) and number not in parted:
            yield _alone(router)


def _halves(
    routers: Sequence[Router],
) -> dict[tuple[int, int], list[tuple[Seat, Seat, IpAddress]]]:
    """Two routers -> seats of two nodes that hold an address under both, for each address."""
    homes: dict[IpAddress, list[tuple[int, Seat]]] = {}
    for number, router in enumerate(routers):
        for seat in router.seats:
            for address in dict.fromkeys(_addresses(seat)):
                homes.setdefault(address, []).append((number, seat))
    found: dict[tuple[int, int], list[tuple[Seat, Seat, IpAddress]]] = {}
    for address, there in homes.items():
        pairs: set[tuple[int, int]] = set()
        for (one, first), (other, second) in combinations(there, 2):
            new = (one, other) not in pairs and one != other
            if new and first.node.name != second.node.name:
                pairs.add((one, other))
                found.setdefault((one, other), []).append((first, second, address))
    return found


def _addresses(seat: Seat) -> list[IpAddress]:
    return [address.address for address in seat.instance.held]


def _two_routers(one: Seat, other: Seat, shared: list[IpAddress]) -> Difference:
    ids = (one.instance.virtual_router_id, other.instance.virtual_router_id)
    what, keyword = "virtual_router_id", "virtual_router_id"
    told = f"{ids[0]} on {one.node.name} and {ids[1]} on {other.node.name}"
    if ids[0] == ids[1]:
        what, keyword = "interface", "interface"
        told = (
            f"{one.instance.interface} on {one.node.name} and {other.instance.interface} on "
            f"{other.node.name}, which are two links"
        )
    return Difference(
        Gravity.BREAKS,
        f"{one.instance.name} has {what} {told}: they do not elect one master, and both hold "
        f"{listed(shared)}",
        (one.place(keyword), other.place(keyword)),
    )


def _alone(router: Router) -> Difference:
    seat = router.seats[0]
    held = listed(_addresses(seat)) if seat.instance.held else "over"
    return Difference(
        Gravity.BREAKS,
        f"{seat.instance.name} (VRID {router.virtual_router_id}) is on {seat.node.name} alone: if "
        f"that dies, nobody takes {held}",
        (seat.place("virtual_router_id"),),
    )

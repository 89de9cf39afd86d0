"""Addresses of one virtual router that are not the same on all its nodes.

Knows lists of addresses. Must not know who is master.
"""

from __future__ import annotations

from collections.abc import Iterator

from halod.compare.cluster import Router, Seat
from halod.compare.difference import Difference, Gravity, listed
from halod.model.address import IpAddress, VirtualAddress

__all__ = ["different_addresses", "different_excluded"]


def different_addresses(router: Router) -> Iterator[Difference]:
    """What is on some nodes alone, in one finding; then masks, one an address."""
    lists = {seat.node.name: _by_address(seat) for seat in router.seats}
    name = router.seats[0].instance.name
    partial: dict[tuple[str, ...], list[IpAddress]] = {}
    for address in dict.fromkeys(a for each in lists.values() for a in each):
        having = [seat for seat in router.seats if address in lists[seat.node.name]]
        if len(having) < len(router.seats):
            partial.setdefault(tuple(seat.node.name for seat in having), []).append(address)
            continue
        lengths = [lists[seat.node.name][address].prefix_length for seat in having]
        if len(set(lengths)) > 1:
            told = listed(
                f"a /{length} on {seat.node.name}"
                for length, seat in zip(lengths, having, strict=True)
            )
            yield Difference(
                Gravity.RISK,
                f"{name} has {address} as {told}: with the shorter prefix its master also gets a "
                "route to the network",
                tuple(seat.place_of(address) for seat in having),
            )
    if partial:
        told = _alone(partial)
        yield Difference(
            Gravity.BREAKS,
            f"{name} has {told}: the master holds what its own file says, and keepalived before "
            "2.3.3 drops adverts with another number of addresses",
            tuple(seat.place("virtual_ipaddress") for seat in router.seats),
        )


def different_excluded(router: Router) -> Iterator[Difference]:
    """Addresses that stand in no advert: nothing but their own files tells the nodes of them."""
    held = {seat.node.name: {a.address for a in seat.instance.held} for seat in router.seats}
    excluded = (a.address for seat in router.seats for a in seat.instance.excluded)
    partial: dict[tuple[str, ...], list[IpAddress]] = {}
    for address in dict.fromkeys(excluded):
        having = tuple(name for name, addresses in held.items() if address in addresses)
        if len(having) < len(router.seats):
            partial.setdefault(having, []).append(address)
    if partial:
        yield Difference(
            Gravity.BREAKS,
            f"{router.seats[0].instance.name} has the excluded addresses {_alone(partial)}: nobody "
            "holds them while another node is MASTER",
            tuple(
                seat.place("virtual_ipaddress_excluded", "virtual_ipaddress")
                for seat in router.seats
            ),
        )


def _alone(partial: dict[tuple[str, ...], list[IpAddress]]) -> str:
    return listed(f"{listed(each)} on {listed(on)} alone" for on, each in partial.items())


def _by_address(seat: Seat) -> dict[IpAddress, VirtualAddress]:
    return {address.address: address for address in seat.instance.addresses}

"""Adverts that do not arrive: one node sends to a group, another to its peers, or not to all.

Knows groups and peers. Must not know what an advert says.
"""

from __future__ import annotations

from collections.abc import Iterator

from halod.compare.cluster import Router, Seat
from halod.compare.difference import Difference, Gravity, listed
from halod.model.address import IpAddress

__all__ = ["different_ways"]

SOURCE, PEERS = "unicast_src_ip", "unicast_peer"
BOTH = "each drops the other's adverts, and all are master"


def different_ways(router: Router) -> Iterator[Difference]:
    """Where some use multicast the peers of the others do not matter yet."""
    unicast = [seat for seat in router.seats if seat.instance.unicast is not None]
    if not unicast:
        yield from _groups(router)
    elif len(unicast) < len(router.seats):
        others = listed(s.node.name for s in router.seats if s.instance.unicast is None)
        yield Difference(
            Gravity.BREAKS,
            f"{_name(router)} uses unicast on {listed(s.node.name for s in unicast)} and multicast "
            f"on {others}: {BOTH}",
            tuple(seat.place(PEERS, "mcast_dst_ip") for seat in router.seats),
        )
    else:
        yield from _peers(router)


def _groups(router: Router) -> Iterator[Difference]:
    if len({seat.instance.group for seat in router.seats}) == 1:
        return
    told = listed(f"{seat.instance.group} on {seat.node.name}" for seat in router.seats)
    yield Difference(
        Gravity.BREAKS,
        f"{_name(router)} has the group {told}: nobody hears the other's adverts, and all are "
        "master",
        tuple(seat.place("mcast_dst_ip") for seat in router.seats),
    )


def _peers(router: Router) -> Iterator[Difference]:
    """Whose source is written down can be looked for in the lists of the others."""
    missing: dict[str, list[str]] = {}
    places = []
    for sender in router.seats:
        for hearer in router.seats:
            source = hearer.instance.source
            if hearer is not sender and source is not None and not _sends_to(sender, source):
                missing.setdefault(f"{source} ({hearer.node.name})", []).append(sender.node.name)
                places += [sender.place(PEERS), hearer.place(SOURCE)]
    for hearer_told, senders in missing.items():
        yield Difference(
            Gravity.BREAKS,
            f"{_name(router)} does not send from {listed(senders)} to {hearer_told}: it is not in "
            "`unicast_peer` there, so that node hears no master and becomes one",
            tuple(dict.fromkeys(places)),
        )
    sources = {seat.instance.source for seat in router.seats}
    if missing or None in sources:
        return  # a slip, and what follows from it
    unknown: dict[IpAddress, list[Seat]] = {}
    for seat in router.seats:
        assert seat.instance.unicast is not None
        for peer in seat.instance.unicast.peers:
            if peer.address not in sources:
                unknown.setdefault(peer.address, []).append(seat)
    for address, seats in unknown.items():
        yield Difference(
            Gravity.NOTE,
            f"{_name(router)} sends to {address} from {listed(s.node.name for s in seats)}, and no "
            "file here has it for its source: another node, or a slip",
            tuple(seat.place(PEERS) for seat in seats),
        )


def _sends_to(seat: Seat, address: IpAddress) -> bool:
    unicast = seat.instance.unicast
    return unicast is not None and unicast.peer(address) is not None


def _name(router: Router) -> str:
    return router.seats[0].instance.name

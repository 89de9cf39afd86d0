"""What makes a node drop the adverts of another: then each is master for itself.

Knows what the RFCs and keepalived drop. Must not show a password.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from halod.compare.cluster import Router, Seat
from halod.compare.difference import Difference, Gravity, listed
from halod.model.vrrp import VrrpVersion

__all__ = ["dropped_adverts"]

BOTH = "each drops the other's adverts, and all are master"


def dropped_adverts(router: Router) -> Iterator[Difference]:
    """Of several reasons the first is told: behind it the others do not matter yet."""
    for rule in (_version, _authentication, _interval, _checksum):
        found = rule(router)
        if found is not None:
            yield found
            if found.gravity is Gravity.BREAKS:
                return


def _version(router: Router) -> Difference | None:
    """RFC 9568, 7.1: a packet of another version is discarded."""
    if _agree(router, lambda seat: seat.instance.version):
        return None
    told = listed(f"{seat.instance.version.value} on {seat.node.name}" for seat in router.seats)
    return Difference(
        Gravity.BREAKS,
        f"{_name(router)} speaks version {told}: {BOTH}",
        tuple(seat.place("version") for seat in router.seats),
    )


def _authentication(router: Router) -> Difference | None:
    """RFC 2338, 7.1: type and data must match those of the receiver."""
    if _agree(router, lambda seat: (seat.instance.password, seat.instance.ah_key)):
        return None
    with_header = [seat.node.name for seat in router.seats if seat.instance.ah_key is not None]
    without = [
        seat.node.name
        for seat in router.seats
        if seat.instance.password is None and seat.instance.ah_key is None
    ]
    if with_header and len(with_header) < len(router.seats):
        what = f"has `auth_type AH` on {listed(with_header)} alone"
    elif without:
        what = f"has no password on {listed(without)}, and one elsewhere"
    else:
        what = f"has not the same password on {listed(seat.node.name for seat in router.seats)}"
    return Difference(
        Gravity.BREAKS,
        f"{_name(router)} {what}: {BOTH}",
        tuple(seat.place("authentication") for seat in router.seats),
    )


def _interval(router: Router) -> Difference | None:
    """v2 drops another interval (RFC 3768, 7.1); v3 goes by the master's (RFC 9568, 6.4.2)."""
    if _agree(router, lambda seat: seat.instance.advert_interval):
        return None
    told = listed(
        f"{seat.instance.advert_interval.as_seconds():g} s on {seat.node.name}"
        for seat in router.seats
    )
    breaks = router.seats[0].instance.version is VrrpVersion.V2
    outcome = BOTH if breaks else "how long a takeover takes depends on who was master"
    return Difference(
        Gravity.BREAKS if breaks else Gravity.RISK,
        f"{_name(router)} has advert_int {told}: {outcome}",
        tuple(seat.place("advert_int") for seat in router.seats),
    )


def _checksum(router: Router) -> Difference | None:
    """v3: with or without the pseudo-header (RFC 9568, 5.2.8)."""
    if router.seats[0].instance.version is VrrpVersion.V2 or _agree(
        router, lambda seat: seat.instance.checksum_v3_as_v2
    ):
        return None
    alone = listed(s.node.name for s in router.seats if s.instance.checksum_v3_as_v2)
    return Difference(
        Gravity.BREAKS,
        f"{_name(router)} has v3_checksum_as_v2 on {alone} alone: {BOTH}",
        tuple(seat.place("v3_checksum_as_v2") for seat in router.seats),
    )


def _agree(router: Router, value: Callable[[Seat], object]) -> bool:
    first, *others = map(value, router.seats)
    return all(other == first for other in others)


def _name(router: Router) -> str:
    return router.seats[0].instance.name

"""How long two nodes may own an address after one died, as far as the files decide it.

Knows the published formula and which gates a kernel may give. Must not know a machine.
"""

from __future__ import annotations

from collections.abc import Iterator

from halod.compare.cluster import Router
from halod.model.election import skew_time
from halod.model.units import Duration
from halod.vrrp.lease import gates_of, lease_of, two_owners_bound

__all__ = ["bound_sentence"]

UNBOUNDED = "without limit"


def bound_sentence(router: Router) -> str | None:
    """The worst over all pairs of nodes; None: there is no second node."""
    if len(router.seats) < 2:
        return None
    with_gate, without = (
        _worst(list(_bounds(router, gated=True))),
        _worst(list(_bounds(router, gated=False))),
    )
    sentence = f"two owners at most {_told(with_gate)} after a death"
    if with_gate != without:
        sentence += f"; {_told(without)} where the kernel takes neither BPF nor nftables"
    return sentence


def _bounds(router: Router, *, gated: bool) -> Iterator[Duration | None]:
    for holder in router.seats:
        gates = gates_of(holder.instance) if gated else ()
        # Of the gates that may be there the worst counts: which one it is the kernel says.
        leases = [lease_of(holder.instance, (gate,)) for gate in gates]
        for peer in router.seats:
            if peer is holder:
                continue
            skew = skew_time(
                peer.instance.version, peer.instance.priority, holder.instance.advert_interval
            )
            for lease in leases or [lease_of(holder.instance, ())]:
                yield two_owners_bound(holder.instance, lease, skew)


def _worst(bounds: list[Duration | None]) -> Duration | None:
    known = [bound for bound in bounds if bound is not None]
    return max(known) if len(known) == len(bounds) else None


def _told(bound: Duration | None) -> str:
    return UNBOUNDED if bound is None else f"{bound.as_seconds():.2f} s"

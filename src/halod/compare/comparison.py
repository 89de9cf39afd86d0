"""Everything that is to say of a cluster's files.

Knows the order of what is told. Must not find anything itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from halod.compare.acceptance import different_acceptance
from halod.compare.addresses import different_addresses, different_excluded
from halod.compare.adverts import dropped_adverts
from halod.compare.cluster import Node, Router, routers_of
from halod.compare.difference import Difference, Gravity, listed
from halod.compare.membership import missing_seats
from halod.compare.outlook import Outlook, outlook_of
from halod.compare.priorities import equal_priorities, idle_checks, unlike_timers
from halod.compare.signatures import refused_signatures
from halod.compare.ways import different_ways

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found."""

    routers: tuple[Router, ...]
    differences: tuple[Difference, ...]
    """What concerns the whole cluster first, then router by router."""
    outlook: Outlook


def compare(nodes: Sequence[Node]) -> Comparison:
    """At least two nodes; none is refused."""
    routers = routers_of(nodes)
    differences = [*missing_seats(routers, len(nodes)), *_same_name(nodes)]
    for router in routers:
        if len(router.seats) < 2:
            continue
        for rule in (
            different_ways,
            dropped_adverts,
            refused_signatures,
            different_addresses,
            different_excluded,
            different_acceptance,
            equal_priorities,
            unlike_timers,
            idle_checks,
        ):
            differences += rule(router)
    return Comparison(routers, tuple(differences), outlook_of(nodes))


def _same_name(nodes: Sequence[Node]) -> list[Difference]:
    names = [node.configuration.router_id for node in nodes]
    return [
        Difference(
            Gravity.NOTE,
            f"router_id is {name} on {listed(n.name for n in nodes if _is(n, name))}: mail and "
            "status tell them apart by it",
            (),
        )
        for name in dict.fromkeys(names)
        if name and names.count(name) > 1
    ]


def _is(node: Node, router_id: str) -> bool:
    return node.configuration.router_id == router_id

"""Two instances with one VRID on one link: each would take the other for its peer."""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered
from halod.model.diagnostic import Label

__all__ = ["same_vrid"]


def same_vrid(found: Sequence[Lowered], findings: Findings) -> None:
    """RFC 9568, 1.7: a virtual router is identified by its VRID on a LAN."""
    first: dict[tuple[str, int], Lowered] = {}
    for lowered in found:
        instance = lowered.instance
        earlier = first.setdefault((instance.interface, instance.virtual_router_id), lowered)
        if earlier is lowered:
            continue
        findings.add(
            Code.SAME_VRID,
            f"`{earlier.instance.name}` and `{instance.name}` both have virtual_router_id "
            f"{instance.virtual_router_id} on {instance.interface}",
            lowered.virtual_router_id,
            secondary=(Label(earlier.virtual_router_id, "it is taken here"),),
            helps=("give each instance of a link its own number, the same on all nodes",),
        )

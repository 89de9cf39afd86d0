"""Two instances with one VRID on one link: each would take the other for its peer."""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered
from halod.model.diagnostic import Label
from halod.model.vrrp import VrrpInstance

__all__ = ["same_vrid"]


def same_vrid(found: Sequence[Lowered], findings: Findings) -> None:
    """RFC 9568, 1.7: a virtual router is identified by its VRID and family on a LAN."""
    homes: dict[tuple[str, int, int], list[Lowered]] = {}
    for lowered in found:
        instance = lowered.instance
        home = instance.interface, instance.virtual_router_id, instance.ip_version
        before = homes.setdefault(home, [])
        earlier = next((each for each in before if _overlap(each.instance, instance)), None)
        before.append(lowered)
        if earlier is None:
            continue
        findings.add(
            Code.SAME_VRID,
            f"`{earlier.shown_name}` and `{lowered.shown_name}` both have virtual_router_id "
            f"{instance.virtual_router_id} on {instance.interface}",
            lowered.virtual_router_id,
            secondary=(Label(earlier.virtual_router_id, "it is taken here"),),
            helps=("give each instance of a link its own number, the same on all nodes",),
        )


def _overlap(one: VrrpInstance, other: VrrpInstance) -> bool:
    """Unicast and every group have VRIDs of their own, and so have peers that nobody shares."""
    if one.unicast is None or other.unicast is None:
        return one.unicast is other.unicast and one.group == other.group
    return not {p.address for p in one.unicast.peers}.isdisjoint(
        p.address for p in other.unicast.peers
    )

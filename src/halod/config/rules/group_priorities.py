"""Members of a sync group with different priorities on one node."""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered
from halod.config.rules.blocks import instance_blocks
from halod.config.rules.sync_groups import memberships
from halod.config.tree import Statement
from halod.model.diagnostic import Label

__all__ = ["group_priorities"]


def group_priorities(
    tree: Sequence[Statement], found: Sequence[Lowered], findings: Findings
) -> None:
    """Told once a group, at the first member that differs."""
    groups = memberships(tree)
    first: dict[str, Lowered] = {}
    told: set[str] = set()
    for block, lowered in instance_blocks(tree, found):
        member = groups.get(block.arguments[0].text)
        if member is None or member.group in told:
            continue
        earlier = first.setdefault(member.group, lowered)
        here, there = lowered.instance.priority, earlier.instance.priority
        if here == there:
            continue
        told.add(member.group)
        findings.add(
            Code.GROUP_PRIORITIES,
            f"`{earlier.shown_name}` has priority {there} and `{lowered.shown_name}` {here}, and "
            f"the sync group `{member.group}` moves them together",
            lowered.name,
            secondary=(Label(earlier.name, "the other one"),),
            helps=("give all members of a group one priority on a node",),
        )

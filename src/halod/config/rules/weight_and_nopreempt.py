"""A weight beside `nopreempt`: the peer leaves a master that fell below it alone."""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered
from halod.config.rules.blocks import instance_blocks
from halod.config.rules.sync_groups import memberships
from halod.config.tree import Statement
from halod.model.diagnostic import Label

__all__ = ["weight_and_nopreempt"]


def weight_and_nopreempt(
    tree: Sequence[Statement], found: Sequence[Lowered], findings: Findings
) -> None:
    """RFC 9568, 6.4.2: with Preempt_Mode false a backup heeds an advert of any priority."""
    groups = memberships(tree)
    for block, lowered in instance_blocks(tree, found):
        if lowered.instance.preempt or block.arguments[0].text in groups:
            continue
        flag = next(child for child in block.children if child.name == "nopreempt")
        for placed in lowered.trackers:
            if placed.tracked.weight == 0 or placed.weight is None:
                continue
            findings.add(
                Code.WEIGHT_NOPREEMPT,
                f"the weight of `{placed.entry.shown}` moves no address where every node has "
                "`nopreempt`: a backup leaves a lower master alone",
                placed.weight,
                secondary=(Label(flag.keyword.span, "here"),),
                helps=("leave out the weight: then a failure is FAULT, and the peer takes over",),
            )

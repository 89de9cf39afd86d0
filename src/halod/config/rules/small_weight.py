"""A weight that changes nothing, or less than the priorities of a pair usually differ by."""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered
from halod.config.lowering.track_script import PlacedTracker
from halod.config.rules.blocks import instance_blocks
from halod.config.rules.sync_groups import memberships
from halod.config.tree import Statement
from halod.model.diagnostic import FindingSeverity, Label

__all__ = ["small_weight"]

FALL_USUAL = 50
"""By how much the nodes of most published pairs differ: 150 and 100."""


def small_weight(tree: Sequence[Statement], found: Sequence[Lowered], findings: Findings) -> None:
    """What one file proves is a risk; what depends on the peer's priority is a note."""
    groups = memberships(tree)
    for block, lowered in instance_blocks(tree, found):
        if block.arguments[0].text in groups:
            continue
        for placed in lowered.trackers:
            if placed.tracked.weight != 0:
                _judge(placed, lowered, findings)


def _judge(placed: PlacedTracker, lowered: Lowered, findings: Findings) -> None:
    well, failed = placed.tracked.priorities(lowered.instance.priority)
    script, name = placed.entry.shown, lowered.shown_name
    where = (Label(placed.weight, "by this weight"),) if placed.weight else ()
    if well == failed:
        why = "owns its addresses" if lowered.instance.is_owner else f"has {well} in any case"
        findings.add(
            Code.SMALL_WEIGHT,
            f"`{script}` changes nothing: `{name}` {why}",
            placed.entry.span,
            severity=FindingSeverity.RISK,
            secondary=where,
            helps=("lower the priority, or leave out the weight: then a failure is FAULT",),
        )
    elif 0 < well - failed < FALL_USUAL:
        findings.add(
            Code.SMALL_WEIGHT,
            f"when `{script}` fails, `{name}` falls from {well} to {failed}: only a peer with "
            f"more than {failed} takes over",
            placed.entry.span,
            secondary=where,
            helps=("`haloctl compare` of the nodes' files says whether one does",),
        )

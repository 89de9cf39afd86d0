"""A weight of something that a member of a sync group tracks: it has no effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lexer import Word
from halod.config.lowering.instance import Lowered
from halod.config.rules.blocks import instance_blocks
from halod.config.rules.sync_groups import memberships
from halod.config.tree import Statement
from halod.model.diagnostic import Label

__all__ = ["group_weight"]


def group_weight(tree: Sequence[Statement], found: Sequence[Lowered], findings: Findings) -> None:
    """The members of a group have to agree, and weights would set them apart."""
    groups = memberships(tree)
    for block, lowered in instance_blocks(tree, found):
        member = groups.get(block.arguments[0].text)
        if member is None or member.weights_count:
            continue
        scripts = (t.entry for t in lowered.trackers if t.tracked.weight != 0)
        for entry in (*scripts, *_weighted_links(block)):
            findings.add(
                Code.GROUP_WEIGHT,
                f"`{entry.shown}` has a weight, and `{lowered.shown_name}` is in the sync group "
                f"`{member.group}`: it has no effect",
                entry.span,
                secondary=(Label(member.place.span, "a member of the group"),),
                helps=(
                    "leave out the weight: then a failure is FAULT for the group",
                    "or write the line in the group, where it counts for all members",
                ),
            )


def _weighted_links(block: Statement) -> Iterator[Word]:
    """Names of interfaces that are tracked with a weight."""
    for child in block.children:
        if child.name == "track_interface":
            for line in child.children:
                words = [word.text for word in line.arguments]
                if words[:1] == ["weight"] and words[1:2] != ["0"]:
                    yield line.keyword

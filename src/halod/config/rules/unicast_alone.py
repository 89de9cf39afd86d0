"""Unicast without a peer: keepalived goes on by multicast; 2.2.7 says so, older ones do not."""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered
from halod.config.rules.blocks import instance_blocks
from halod.config.tree import Statement

__all__ = ["unicast_alone"]

SIGNS = ("unicast_src_ip", "unicast_ttl")
FLAGS = ("check_unicast_src", "old_unicast_checksum")
"""Keywords that say that unicast is meant; the flags have no value."""


def unicast_alone(tree: Sequence[Statement], found: Sequence[Lowered], findings: Findings) -> None:
    """Told at the brace of a list of peers that names none, or at another keyword of unicast."""
    for block, lowered in instance_blocks(tree, found):
        if lowered.instance.unicast is not None:
            continue
        lists = [child for child in block.children if child.name == "unicast_peer"]
        places = [peers.opened.span for peers in lists if peers.opened is not None]
        places += [
            (child.arguments[0] if child.arguments else child.keyword).span
            for child in block.children
            if child.name in FLAGS or (child.name in SIGNS and child.arguments)
        ]
        if not places:
            continue
        findings.add(
            Code.UNICAST_ALONE,
            f"`{lowered.shown_name}` has no unicast peer: keepalived sends its adverts by "
            "multicast",
            places[0],
            helps=("name the other nodes in `unicast_peer`, or remove the unicast keywords",),
        )

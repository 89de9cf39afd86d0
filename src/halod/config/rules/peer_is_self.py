"""A unicast peer that is the node itself: its adverts reach nobody else by it."""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered
from halod.config.placeholder import is_place
from halod.config.rules.blocks import instance_blocks
from halod.config.tree import Statement
from halod.model.diagnostic import FindingSeverity, Label

__all__ = ["peer_is_self"]


def peer_is_self(tree: Sequence[Statement], found: Sequence[Lowered], findings: Findings) -> None:
    for block, lowered in instance_blocks(tree, found):
        source = next(
            (c.arguments[0] for c in block.children if c.name == "unicast_src_ip" and c.arguments),
            None,
        )
        peers = [peer for c in block.children if c.name == "unicast_peer" for peer in c.children]
        for peer in peers:
            if source is None or peer.name != source.text or is_place(peer.name):
                continue
            alone = len(peers) == 1
            findings.add(
                Code.PEER_IS_SELF,
                f"this peer is `{lowered.shown_name}` itself"
                + (": no other node hears its adverts" if alone else ""),
                peer.keyword.span,
                severity=None if alone else FindingSeverity.NOTE,
                secondary=(Label(source.span, "its own address"),),
                helps=("name the other nodes in `unicast_peer`, and not this one",),
            )

"""Which block of the syntax tree each instance came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from halod.config.lowering.instance import Lowered
from halod.config.tree import Statement

__all__ = ["instance_blocks"]


def instance_blocks(
    tree: Sequence[Statement], found: Sequence[Lowered]
) -> Iterator[tuple[Statement, Lowered]]:
    """Every instance with the block that it came from. Those of a sequence have one place."""
    named = {(lowered.name, lowered.instance.name): lowered for lowered in found}
    placed = {lowered.name: lowered for lowered in found}
    yielded: set[str] = set()
    for statement in tree:
        if statement.name == "vrrp_instance" and statement.arguments:
            word = statement.arguments[0]
            lowered = named.get((word.span, word.text)) or placed.get(word.span)
            if lowered is not None and lowered.instance.name not in yielded:
                yielded.add(lowered.instance.name)
                yield statement, lowered

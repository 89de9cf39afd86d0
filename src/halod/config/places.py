"""Where something stands in a configuration that was read.

Knows the tree. Must not know what is done with the place.
"""

from __future__ import annotations

from collections.abc import Iterable

from halod.config.tree import Statement
from halod.model.diagnostic import Span

__all__ = ["instance_block", "last_of"]


def instance_block(tree: Iterable[Statement], instance: str) -> Statement | None:
    """The `vrrp_instance` of that name; None: its name is no plain text."""
    for statement in tree:
        named = bool(statement.arguments) and statement.arguments[0].text == instance
        if named and statement.name == "vrrp_instance":
            return statement
    return None


def last_of(block: Statement, keyword: str) -> Span | None:
    """Where the keyword stands in a block, the last time."""
    found = [child for child in block.children if child.name == keyword]
    return found[-1].keyword.span if found else None

"""Which instances a sync group ties together: as far as the rules need it.

Knows `vrrp_sync_group` of the syntax tree. Must not tell anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from halod.config.lexer import Word
from halod.config.tree import Statement

__all__ = ["Membership", "memberships"]


@dataclass(frozen=True, slots=True)
class Membership:
    """A line of `group`."""

    group: str
    """Name of the group, for messages."""
    place: Word
    """Where the instance is named."""
    weights_count: bool
    """Whether the group lets its members have trackers with weights."""


def memberships(tree: Sequence[Statement]) -> Mapping[str, Membership]:
    """By the name of the instance; the first group that names it counts."""
    found: dict[str, Membership] = {}
    for section in tree:
        if section.name != "vrrp_sync_group" or not section.arguments:
            continue
        weights = any(child.name == "sync_group_tracking_weight" for child in section.children)
        for child in section.children:
            for member in child.children if child.name == "group" else ():
                each = Membership(section.arguments[0].shown, member.keyword, weights)
                found.setdefault(member.name, each)
    return found

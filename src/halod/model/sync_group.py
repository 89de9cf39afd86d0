"""The configuration of a sync group, after lowering.

Knows which instances stand and fall together. Must not know what state they are in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from halod.model.notify_policy import NotifyPolicy

__all__ = ["VrrpSyncGroup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VrrpSyncGroup:
    """One `vrrp_sync_group`: its instances are MASTER together or not at all."""

    name: str
    """Name of the group, unique in a file."""
    members: tuple[str, ...]
    """`group`: names of instances, in the order of the block. An instance has one group at most."""
    notify: NotifyPolicy = field(default_factory=NotifyPolicy)
    """Programs and mail that are told of the group. Default: none."""

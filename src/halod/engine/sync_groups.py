"""The sync groups of a daemon, and which one each instance is in.

Knows how a reload makes groups of others. Must not know what a group makes of its members.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from halod.model.cause import Cause, Reconfigured
from halod.model.fact import GroupChanged
from halod.model.state import State
from halod.model.sync_group import VrrpSyncGroup
from halod.model.units import Instant
from halod.vrrp.machine import VirtualRouter
from halod.vrrp.outbox import Outbox
from halod.vrrp.sync_group import SyncGroup

__all__ = ["SyncGroups"]

Routers = Mapping[str, VirtualRouter]


class SyncGroups:
    """Each instance has one at most."""

    def __init__(self, groups: Iterable[VrrpSyncGroup], routers: Routers) -> None:
        """Every member is one of the routers."""
        self._groups = {group.name: _made(group, routers) for group in groups}
        self._by_member = self._index()

    def around(self, instance: str) -> SyncGroup | None:
        """The group of an instance; None: it has none."""
        return self._by_member.get(instance)

    def stop(self, cause: Cause, out: Outbox) -> None:
        """The daemon stops, and its members have."""
        for group in self._groups.values():
            group.stop(cause, out)

    def adopt(
        self, wanted: Iterable[VrrpSyncGroup], routers: Routers, now: Instant, out: Outbox
    ) -> set[str]:
        """After the instances were reloaded. A group whose members are the same goes on.

        The instances that stand with others than before.
        """
        before, self._groups = self._groups, {}
        changed: set[str] = set()
        for config in wanted:
            old = before.pop(config.name, None)
            if old is not None and old.members == tuple(routers[m] for m in config.members):
                old.config = config
                self._groups[config.name] = old
                continue
            if old is None:
                what = f"added by the reload: {', '.join(config.members)}"
            else:
                what = f"reloaded: its members are {', '.join(config.members)}"
            out.facts.append(GroupChanged(config.name, what))
            changed.update(config.members)
            made = self._groups[config.name] = _made(config, routers)
            if old is not None and State.MASTER not in (old.state, made.state):
                made.state = old.state
        for name, gone in before.items():
            out.facts.append(GroupChanged(name, "removed by the reload"))
            gone.stop(Reconfigured("removed by the reload"), out)
        self._by_member = self._index()
        for router in routers.values():
            if router.membership is not None and router.name not in self._by_member:
                router.group_left(now, out)
                changed.add(router.name)
        return changed

    def _index(self) -> dict[str, SyncGroup]:
        return {m.name: group for group in self._groups.values() for m in group.members}


def _made(config: VrrpSyncGroup, routers: Routers) -> SyncGroup:
    return SyncGroup(config, tuple(routers[member] for member in config.members))

"""Sync groups for some of the drawn clusters, and what goes wrong with them in particular.

Knows which are worth drawing, and how often. Draws from a stream of its own, so that a cluster
without a group is what it was. Must not know how a fault is done.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from halod.model.sync_group import VrrpSyncGroup
from halod.model.vrrp import VrrpInstance
from halod.sim.fault import Fault, LinkDown, Regroup
from halod.sim.random_faults import Targets, draw_span
from halod.sim.scenario import NodeOptions

__all__ = ["draw_group_faults", "draw_groups"]

GROUPED = 0.6
"""Of the clusters with two instances and more."""


def draw_groups(random: Random, nodes: tuple[NodeOptions, ...]) -> tuple[NodeOptions, ...]:
    """All instances in one group, the same on every node; or the nodes as they are."""
    if len(nodes[0].instances) < 2 or random.random() >= GROUPED:
        return nodes
    members = tuple(instance.name for instance in nodes[0].instances)
    group = VrrpSyncGroup(name="VG_1", members=members)
    return tuple(replace(node, groups=(group,), instances=_alike(node.instances)) for node in nodes)


def _alike(instances: tuple[VrrpInstance, ...]) -> tuple[VrrpInstance, ...]:
    """Members of a group want the same: else it is the file that contradicts itself."""
    first = instances[0]
    return tuple(
        replace(
            instance,
            priority=first.priority,
            preempt=first.preempt,
            preempt_delay=first.preempt_delay,
        )
        for instance in instances
    )


def draw_group_faults(
    random: Random, targets: Targets, nodes: tuple[NodeOptions, ...]
) -> tuple[Fault, ...]:
    """One link of several, and reloads that take groups away for a while."""
    if not any(node.groups for node in nodes):
        return ()
    found: list[Fault] = []
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        name, (at, lasts) = random.choice(targets.names), draw_span(random, targets)
        if random.random() < 0.25:
            found.append(Regroup(name, at, lasts))
        else:
            found.append(LinkDown(name, at, lasts, random.choice(targets.interfaces)))
    return tuple(found)

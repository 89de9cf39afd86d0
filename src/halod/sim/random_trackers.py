"""Checks that some of the drawn clusters track, and how these fail.

Knows which are worth drawing, and how often. Draws from a stream of its own, so that a cluster that
tracks nothing is what it was. Must not know how a fault is done.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from halod.model.tracking import Tracked, TrackerId, TrackerKind
from halod.sim.fault import Fault, TrackerFails
from halod.sim.random_faults import Targets, draw_span
from halod.sim.scenario import NodeOptions

__all__ = ["draw_tracker_faults", "draw_trackers"]

TRACKING = 0.4
"""Of the clusters."""
_WEIGHTS = (0, 0, -2, -20, -60, -253, 2, 20, 60)
"""FAULT, too little to matter, enough, all; taken off by a failure, or added by success."""
_CHECKS = (
    TrackerId(TrackerKind.SCRIPT, "chk_nginx"),
    TrackerId(TrackerKind.PROCESS, "nginx"),
)


def draw_trackers(random: Random, nodes: tuple[NodeOptions, ...]) -> tuple[NodeOptions, ...]:
    """One check or two, the same on every node; or the nodes as they are.

    All instances of a node track them: members of a sync group move together.
    """
    if random.random() >= TRACKING:
        return nodes
    checks = _CHECKS[: random.choice((1, 1, 2))]
    tracked = tuple(_tracked(random, check) for check in checks)
    return tuple(
        replace(node, instances=tuple(replace(each, trackers=tracked) for each in node.instances))
        for node in nodes
    )


def _tracked(random: Random, check: TrackerId) -> Tracked:
    """Reversed without a weight, a check that is well would keep the instance in FAULT for ever."""
    weight = random.choice(_WEIGHTS)
    return Tracked(check, weight, reverse=weight != 0 and random.random() < 0.1)


def draw_tracker_faults(
    random: Random, targets: Targets, nodes: tuple[NodeOptions, ...]
) -> tuple[Fault, ...]:
    """Checks that fail for a while, on one node after another or on several at once."""
    checks = [each.tracker for each in nodes[0].instances[0].trackers]
    if not checks:
        return ()
    found: list[Fault] = []
    for _ in range(random.choice((1, 1, 2, 3))):
        at, lasts = draw_span(random, targets)
        found.append(TrackerFails(random.choice(targets.names), at, random.choice(checks), lasts))
    return tuple(found)

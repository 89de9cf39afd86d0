"""One run, watched and judged.

Knows which oracles there are. Must not know where a scenario comes from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from halod.engine.vrrp_engine import VrrpEngine
from halod.sim.gate import Gate, GateMaker
from halod.sim.node import EngineMaker
from halod.sim.observation import Watch
from halod.sim.oracles.groups import GroupsOracle
from halod.sim.oracles.holding import HoldingOracle
from halod.sim.oracles.order import OrderOracle
from halod.sim.oracles.owners import OwnersOracle
from halod.sim.oracles.settling import SettlingOracle
from halod.sim.oracles.time import TimeOracle
from halod.sim.oracles.trackers import TrackersOracle
from halod.sim.oracles.verdict import Oracle, Violation
from halod.sim.oracles.way import WayOracle
from halod.sim.scenario import Scenario
from halod.sim.world import World

__all__ = ["Verdict", "all_oracles", "play"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a run."""

    violations: tuple[Violation, ...]
    """In the order of time; empty: every promise held."""
    promises: tuple[tuple[str, str, bool], ...]
    """Name, promise, whether it held."""


def all_oracles(scenario: Scenario) -> tuple[Oracle, ...]:
    return (
        OwnersOracle(scenario),
        HoldingOracle(scenario),
        SettlingOracle(scenario),
        WayOracle(),
        OrderOracle(),
        TimeOracle(scenario),
        GroupsOracle(scenario),
        TrackersOracle(),
    )


def play(
    scenario: Scenario,
    make_engine: EngineMaker = VrrpEngine,
    watchers: Iterable[Watch] = (),
    oracles: Iterable[Oracle] | None = None,
    make_gate: GateMaker = Gate,
) -> Verdict:
    """Plays to the end, whatever is found on the way."""
    judges = tuple(all_oracles(scenario) if oracles is None else oracles)
    World(scenario, [*watchers, *(judge.see for judge in judges)], make_engine, make_gate).run()
    for judge in judges:
        judge.finish(scenario.ends_at.ns)
    violations = [violation for judge in judges for violation in judge.violations]
    return Verdict(
        tuple(sorted(violations, key=lambda violation: violation.at_ns)),
        tuple((judge.name, judge.promise, not judge.violations) for judge in judges),
    )

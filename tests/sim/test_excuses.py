"""What the bound on two owners does not cover, and that it is excused because it must be."""

from dataclasses import replace

import pytest

from halod.model.units import Duration
from halod.model.vrrp import LeaseMode
from halod.sim.allowance import silence_bound
from halod.sim.fault import Crash, Cut, Fault, OneWay, PauseMachine
from halod.sim.oracles.owners import OwnersOracle
from halod.sim.play import play
from halod.sim.scenario import Scenario
from tests.sim.clusters import CALM_BEFORE, OwnerLog, cluster, instance, node, pair, seconds

PAUSED = seconds(8)


def accused(scenario: Scenario, **excuses: bool) -> bool:
    return bool(play(scenario, oracles=[OwnersOracle(scenario, **excuses)]).violations)


def test_a_paused_machine_needs_its_excuse() -> None:
    """Its kernel's timers stood still with it: it wakes as owner, beside the new one."""
    scenario = pair(PauseMachine("lb01", CALM_BEFORE, PAUSED))
    assert not accused(scenario)
    assert accused(scenario, pausing_excuses=False)


def test_a_suspended_machine_needs_none() -> None:
    """Its clock ran on: it sees that it overslept, and lets go before an advert is due."""
    scenario = pair(PauseMachine("lb01", CALM_BEFORE, PAUSED, clock_runs_on=True))
    assert not accused(scenario, pausing_excuses=False)


def test_preemption_in_the_moment_of_death() -> None:
    """lb01 preempts just after lb02 died: the lease alone ends it, later than the bound says."""
    weaker = node(2, instance(100))
    stronger = replace(node(1, instance(150)), starts_at=CALM_BEFORE)
    log = OwnerLog()
    play(cluster(stronger, weaker), watchers=[log.see])
    preempted_ns = log.came_ns["lb01"]
    death = Crash("lb02", Duration(preempted_ns - seconds(0.05).ns))
    scenario = cluster(stronger, weaker, faults=(death,))
    log = OwnerLog()
    verdict = play(scenario, watchers=[log.see])
    assert not verdict.violations
    bound = silence_bound(scenario, weaker.instances[0], stronger.instances[0], LeaseMode.ADDRESS)
    assert bound is not None
    assert log.two_longest_ns > bound.ns


@pytest.mark.parametrize(
    "fault",
    [Cut("lb01", "lb02", CALM_BEFORE, PAUSED), OneWay("lb01", "lb02", CALM_BEFORE, PAUSED)],
)
def test_who_cannot_hear_cannot_yield(fault: Fault) -> None:
    """Both live and renew: no lease bounds what the living believe."""
    log = OwnerLog()
    verdict = play(pair(fault), watchers=[log.see])
    assert not verdict.violations
    assert log.two_longest_ns > seconds(4).ns

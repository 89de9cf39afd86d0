"""Random clusters under random faults: every promise holds, whatever the seed.

`HALOD_SIM_SEEDS=10000` plays so many more, drawn anew each time.
"""

import os
import random

import pytest

from halod.engine.vrrp_engine import VrrpEngine
from halod.model.effect import SendAdvert
from halod.sim.node import EngineMaker
from halod.sim.play import play
from halod.sim.random_scenario import random_scenario
from tests.sim.broken import without
from tests.sim.kept_seeds import KEPT_SEEDS

SEEDS = 500
MORE_SEEDS = int(os.environ.get("HALOD_SIM_SEEDS", "0"))
SEEDS_A_TEST = 25
GROUPED_AMONG = 750
"""So many more are drawn, and those with a sync group are played."""
GROUPED_MIN = 300
VIOLATIONS_TOLD = 8


def judge(seed: int, make_engine: EngineMaker = VrrpEngine) -> None:
    """Plays a seed; what is found is told with the command that plays it again."""
    verdict = play(random_scenario(seed), make_engine)
    told = "\n".join(map(str, verdict.violations[:VIOLATIONS_TOLD]))
    assert not verdict.violations, (
        f"replay: haloctl sim --seed {seed}\n{told}\nthen add {seed} to tests/sim/kept_seeds.py"
    )


@pytest.mark.parametrize("seed", KEPT_SEEDS)
def test_kept_seed(seed: int) -> None:
    judge(seed)


@pytest.mark.parametrize("first", range(0, SEEDS + MORE_SEEDS, SEEDS_A_TEST))
def test_seeds(first: int) -> None:
    for seed in range(first, first + SEEDS_A_TEST):
        judge(seed if seed < SEEDS else random.SystemRandom().randrange(SEEDS, 10**9))


@pytest.mark.parametrize("first", range(SEEDS, SEEDS + GROUPED_AMONG, SEEDS_A_TEST))
def test_seeds_with_sync_groups(first: int) -> None:
    """About one cluster in four has one."""
    for seed in range(first, first + SEEDS_A_TEST):
        if random_scenario(seed).nodes[0].groups:
            judge(seed)


def test_enough_of_them_have_one() -> None:
    seeds = range(SEEDS + GROUPED_AMONG)
    assert sum(bool(random_scenario(seed).nodes[0].groups) for seed in seeds) >= GROUPED_MIN


def test_a_failing_seed_tells_how_to_play_it_again() -> None:
    with pytest.raises(AssertionError, match="replay: haloctl sim --seed 3\n"):
        judge(3, without(SendAdvert))

"""A run is reproducible from its seed alone: in another process, under another hash seed."""

import os
import subprocess
import sys
from collections import Counter
from typing import get_args

import pytest

from halod.sim.fault import Fault
from halod.sim.observation import Observation
from halod.sim.play import play
from halod.sim.random_scenario import random_scenario

pytestmark = pytest.mark.timeout(600)
"""These compute, and stand back behind tests that wait."""

PROGRAM = """
import hashlib, sys
from halod.sim.play import play
from halod.sim.random_scenario import random_scenario
digest = hashlib.sha256()
for seed in map(int, sys.argv[1:]):
    play(random_scenario(seed), watchers=[lambda seen: digest.update(repr(seen).encode())])
print(digest.hexdigest())
"""


def digest(hash_seed: int, *seeds: int) -> str:
    """Of everything that could be observed."""
    arguments = [sys.executable, "-c", PROGRAM, *map(str, seeds)]
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_equal_seeds_give_equal_runs() -> None:
    first = digest(1, 4, 18, 56)
    assert first == digest(2, 4, 18, 56)
    assert first != digest(1, 4, 18, 57)


def test_seeds_reach_what_they_are_for() -> None:
    """A generator that draws only calm would find nothing, and nobody would see it."""
    seen: Counter[str] = Counter()

    def see(observation: Observation) -> None:
        seen[type(observation).__name__] += 1
        for part in ("fault", "event"):
            seen[type(getattr(observation, part, None)).__name__] += 1

    for seed in range(100):
        play(random_scenario(seed), watchers=[see], oracles=())
    wanted = {kind.__name__ for kind in get_args(Fault)}
    wanted |= {"AdvertMissed", "AddressLost", "AdvertSendFailed", "GrantFailed", "GateObserved"}
    assert {name for name in wanted if not seen[name]} == set()

"""Two busy loops a core for half a minute: a pair at a tenth of a second stays as it is.

Ten minutes, and what happens without real-time scheduling: `python -m bench.starvation`.
"""

import time
from pathlib import Path

import pytest
from bench.starvation import PACE, starve

from tests.kit.pair import NEEDS_LAB
from tests.kit.stalls import read_stalls
from tests.spoiled import file_of_stalls

pytestmark = [*NEEDS_LAB, pytest.mark.timeout(180)]

STARVED_S = 30.0
TAKEOVER_S = 3 * PACE.interval_s
"""A core that stands still for so long takes the mastership from whoever was on it."""


def test_nobody_takes_over_from_a_master_that_others_keep_from_the_processor(
    tmp_path: Path,
) -> None:
    """What a witness above all of halod missed, too, is the machine's, and is taken off."""
    began_ns = time.monotonic_ns()
    found = starve(STARVED_S, real_time=True, base=tmp_path)
    stalls_s = sorted(stall.seconds for stall in read_stalls(file_of_stalls(), began_ns))
    print(found, [round(stall_s, 3) for stall_s in stalls_s])
    machine_s = max(stalls_s, default=0.0)
    assert found.takeovers <= sum(stall_s > TAKEOVER_S / 2 for stall_s in stalls_s)
    assert found.adverts > 0.98 * (STARVED_S - sum(stalls_s)) / PACE.interval_s
    assert found.longest_gap_s < 2 * PACE.interval_s + machine_s, "not one advert is missing"
    assert found.lateness["timer"]["max_s"] < PACE.interval_s / 2 + machine_s
    assert found.lateness["advert"]["max_s"] < PACE.interval_s / 2 + machine_s
    assert found.lateness["renewal"]["over_budget"] <= len(stalls_s)
    assert found.outage_s < PACE.interval_s + machine_s

"""Two busy loops a core for a minute: a pair at a tenth of a second stays as it is.

Ten minutes, and what happens without real-time scheduling: `python -m bench.starvation`.
"""

from pathlib import Path

import pytest
from bench.starvation import PACE, starve

from tests.kit.pair import NEEDS_LAB

pytestmark = [*NEEDS_LAB, pytest.mark.timeout(180)]

STARVED_S = 60.0


def test_nobody_takes_over_from_a_master_that_others_keep_from_the_processor(
    tmp_path: Path,
) -> None:
    found = starve(STARVED_S, real_time=True, base=tmp_path)
    print(found)
    assert found.takeovers == 0
    assert found.adverts > 0.98 * STARVED_S / PACE.interval_s
    assert found.longest_gap_s < 2 * PACE.interval_s, "not one advert is missing"
    assert found.lateness["timer"]["max_s"] < PACE.interval_s / 2
    assert found.lateness["advert"]["max_s"] < PACE.interval_s / 2
    assert found.lateness["renewal"]["over_budget"] == 0
    assert found.outage_s < PACE.interval_s

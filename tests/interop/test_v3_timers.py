"""VRRPv3 intervals that differ: a backup waits by the master's, a master speaks at its own."""

from itertools import pairwise
from statistics import median
from typing import Any

import pytest

from halod.lab.advert_ear import AdvertEar, HeardAdvert
from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.kit.fast_pair import FAST_S, fast_config, start_fast_pair, takeover_s
from tests.kit.pair import LB01, LB02, MIXED, NEEDS_KEEPALIVED, WITHIN_S

pytestmark = NEEDS_KEEPALIVED

OWN_S = 0.5
"""lb02's own interval."""
EXACT_S = 0.08
"""keepalived runs without priority, and a busy machine makes it late by so much; idle: 1 ms."""


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_the_masters_interval_is_adopted(lab: Lab, lb01: str, lb02: str) -> None:
    """RFC 9568, 6.4.2: Active_Adver_Interval; by its own lb02 would wait 1.8 s."""
    fast, own = f"advert_int {FAST_S:g}", f"advert_int {OWN_S:g}"
    pair = start_fast_pair(lab, lb01, lb02, fast_config(FAST_S, (fast, own), only="lb02"))
    ear = AdvertEar(lab.machine("web01"))
    first = ear.wait(LB01, WITHIN_S)
    assert first is not None
    if lb02 == "halod":
        assert wait_until(lambda: master_interval(pair.lb02.haloctl_json()) == FAST_S, 5.0)
    pair.lb01.balancer.kill_all()
    heard = [first]

    def lb02_sent_four() -> bool:
        heard.extend(ear.heard())
        return sum(advert.source == LB02 for advert in heard) >= 4

    assert wait_until(lb02_sent_four, WITHIN_S)
    ear.close()
    last = [advert for advert in heard if advert.source == LB01][-1]
    its = [advert for advert in heard if advert.source == LB02]
    assert (its[0].at_ns - last.at_ns) / 1e9 == pytest.approx(takeover_s(), abs=EXACT_S)
    gaps_s = [(after.at_ns - before.at_ns) / 1e9 for before, after in pairwise(its)]
    assert median(gaps_s) == pytest.approx(OWN_S, abs=EXACT_S)
    assert {told_interval_s(advert) for advert in its} == {OWN_S}


def told_interval_s(advert: HeardAdvert) -> float:
    """RFC 9568, 5.2.7: Max Advertise Interval, 12 bits of centiseconds."""
    return (int.from_bytes(advert.payload[4:6], "big") & 0x0FFF) / 100


def master_interval(status: dict[str, Any]) -> float | None:
    found: float | None = status["instances"][0]["master_interval_s"]
    return found

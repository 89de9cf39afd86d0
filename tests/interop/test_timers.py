"""What halod and keepalived wait, to the millisecond, from one advert on the wire to the next."""

from itertools import pairwise

import pytest

from halod.lab.advert_ear import AdvertEar, HeardAdvert
from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.kit.pair import BUSY_S, LB01, LB02, MIXED, NEEDS_KEEPALIVED, WITHIN_S, start_pair

pytestmark = NEEDS_KEEPALIVED


def gaps_s(adverts: list[HeardAdvert]) -> list[float]:
    """Seconds between neighbours."""
    return [(after.at_ns - before.at_ns) / 1e9 for before, after in pairwise(adverts)]


@pytest.mark.parametrize(
    ("method", "wait_s"),
    [
        # RFC 9568, 6.4.2: after priority 0 the Skew_Time alone, 156/256 s at priority 100.
        pytest.param("stop", 0.609375, id="skew-time"),
        # RFC 9568, 6.1: Master_Down_Interval, 3 adverts and the Skew_Time.
        pytest.param("kill_all", 3.609375, id="master-down-interval"),
    ],
)
@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_the_wait_after_a_masters_last_advert(
    lab: Lab, lb01: str, lb02: str, method: str, wait_s: float
) -> None:
    pair = start_pair(lab, lb01, lb02)
    ear = AdvertEar(lab.machine("web01"))
    pair.strike(getattr(pair.lb01.balancer, method))
    heard: list[HeardAdvert] = []

    def lb02_sent_three() -> bool:
        heard.extend(ear.heard())
        return sum(advert.source == LB02 for advert in heard) >= 3

    assert wait_until(lb02_sent_three, WITHIN_S)
    ear.close()
    last = [advert for advert in heard if advert.source == LB01][-1]
    assert last.priority == (0 if method == "stop" else 150)
    takeover, *intervals = gaps_s([last, *(a for a in heard if a.source == LB02)])
    assert takeover == pytest.approx(wait_s, abs=BUSY_S)
    assert intervals == pytest.approx([1.0] * len(intervals), abs=BUSY_S)

"""`track_interface` on real nodes: a link goes down, and the addresses follow."""

from itertools import pairwise

import pytest

from halod.lab.advert_ear import AdvertEar, HeardAdvert
from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.kit.pair import (
    BUSY_S,
    LB01,
    NEEDS_KEEPALIVED,
    SKEW_S,
    VIP,
    WITHIN_S,
    Pair,
    changed,
    outage_of,
    start_pair,
)
from tests.kit.second_lan import ETH1, SecondLan

pytestmark = NEEDS_KEEPALIVED

OTHER_VIP = "10.11.0.3"
PROGRAMS = [
    pytest.param("halod", "halod", id="halod-twice"),
    pytest.param("halod", "keepalived", id="halod-then-keepalived"),
    pytest.param("keepalived", "halod", id="keepalived-then-halod"),
]
ADVERT_S = 1.0


def start(lab: Lab, lb01: str, lb02: str, line: str) -> tuple[Pair, SecondLan]:
    lan = SecondLan(lab, {"lb01": "10.11.0.1/24", "lb02": "10.11.0.2/24"})
    block = f"    track_interface {{\n        {line}\n    }}\n"
    config = changed(("    virtual_ipaddress {", f"{block}    virtual_ipaddress {{"), only="lb01")
    return start_pair(lab, lb01, lb02, config), lan


def adverts_of_lb01(ear: AdvertEar, wanted: int) -> list[HeardAdvert]:
    """As many as are wanted, from the next one on."""
    found: list[HeardAdvert] = []

    def hear() -> bool:
        found.extend(advert for advert in ear.heard() if advert.source == LB01)
        return len(found) >= wanted

    assert wait_until(hear, WITHIN_S), f"{len(found)} of {wanted} adverts came"
    return found


@pytest.mark.parametrize(("lb01", "lb02"), PROGRAMS)
def test_a_weight_moves_the_priority_with_the_next_advert(lab: Lab, lb01: str, lb02: str) -> None:
    """keepalived 2.2.7: in its turn, never at once; the backup then takes over, and gives back."""
    pair, lan = start(lab, lb01, lb02, f"{ETH1} weight -60")
    ear = AdvertEar(lab.machine("web01"))
    try:
        pair.strike(lambda: lan.carrier("lb01", there=False), after_s=0.3)
        heard = adverts_of_lb01(ear, 4)
        lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    finally:
        ear.close()
    priorities = [advert.priority for advert in heard]
    assert priorities == sorted(priorities, reverse=True)
    assert set(priorities) == {150, 90}
    gaps = [(b.at_ns - a.at_ns) / 1e9 for a, b in pairwise(heard)]
    assert gaps == pytest.approx([ADVERT_S] * len(gaps), abs=BUSY_S)
    if lb01 == "halod":
        pair.lb01.log.expect(
            r"\(VI_1\) Changing effective priority from 150 to 90: interface eth1 is down"
        )
        assert pair.lb01.haloctl_json()["instances"][0]["priority"] == 90
    pair.lb01.expect_state("BACKUP", r"192\.168\.178\.131 is MASTER with priority 100, above")
    lan.carrier("lb01", there=True)
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)


@pytest.mark.parametrize(("lb01", "lb02"), PROGRAMS)
def test_without_a_weight_it_is_a_fault_and_the_peer_waits_its_skew(
    lab: Lab, lb01: str, lb02: str
) -> None:
    pair, lan = start(lab, lb01, lb02, ETH1)
    report = lab.probe(VIP, 1.5, during=lambda: lan.carrier("lb01", there=False), until="lb02")
    assert report.answered_by == ["lb01", "lb02"]
    assert report.outage_s == outage_of(SKEW_S)
    pair.lb01.expect_state("FAULT", "interface eth1 is down")
    if lb01 == "halod":
        why = pair.lb01.haloctl("why").stdout
        assert "VI_1 is FAULT on ens33, so it cannot be MASTER: interface eth1 is down" in why
    lan.carrier("lb01", there=True)
    pair.lb01.expect_state("BACKUP", "interface eth1 is up again: listening for a master first")
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)


@pytest.mark.parametrize("program", ["halod", "keepalived"])
@pytest.mark.parametrize("tracked", [True, False], ids=["tracked", "no_track"])
def test_the_link_of_an_address_is_tracked_unless_it_says_no_track(
    lab: Lab, program: str, tracked: bool
) -> None:
    lan = SecondLan(lab, {"lb01": "10.11.0.1/24"})
    words = f"{OTHER_VIP}/24 dev {ETH1}" + ("" if tracked else " no_track")
    block = f"    virtual_ipaddress_excluded {{\n        {words}\n    }}\n"
    config = changed(("    virtual_ipaddress {", f"{block}    virtual_ipaddress {{"), only="lb01")
    pair = start_pair(lab, program, "halod", config)
    assert wait_until(lambda: lan.holds("lb01", OTHER_VIP), WITHIN_S)
    lan.carrier("lb01", there=False)
    if tracked:
        pair.lb01.expect_state("FAULT", "interface eth1 is down")
        assert wait_until(lambda: not lan.holds("lb01", OTHER_VIP), WITHIN_S)
        return
    wait_until(lambda: False, 2 * ADVERT_S)
    pair.lb01.expect_no_change()
    assert pair.owners() == ["lb01"]
    assert lan.holds("lb01", OTHER_VIP)

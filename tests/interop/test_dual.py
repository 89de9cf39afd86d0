"""The tutorial's part 2: two instances, each node MASTER of one, in both castings."""

import pytest

from halod.lab.lab import Lab
from halod.lab.tutorial_files import tutorial_text
from halod.lab.tutorial_lab import DUAL
from tests.kit.pair import (
    MIXED,
    NEEDS_KEEPALIVED,
    RTNL_S,
    SKEW_S,
    VIP,
    VIP_OF_2,
    WITHIN_S,
    Pair,
    outage_of,
    set_up_pair,
)

pytestmark = NEEDS_KEEPALIVED

VIP_OF = {"VI_1": VIP, "VI_2": VIP_OF_2}


def home(pair: Pair) -> None:
    """Each node has its own address and no other."""
    pair.lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    pair.lab.wait_for_owner(VIP_OF_2, "lb02", WITHIN_S)


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
@pytest.mark.parametrize(("leaver", "instance"), [("lb01", "VI_1"), ("lb02", "VI_2")])
def test_each_node_takes_over_from_the_other(
    lab: Lab, lb01: str, lb02: str, leaver: str, instance: str
) -> None:
    pair = set_up_pair(lab, lb01, lb02, lambda host: tutorial_text(f"{host}/{DUAL}"))
    goes, stays = (pair.lb01, pair.lb02) if leaver == "lb01" else (pair.lb02, pair.lb01)
    pair.lb01.balancer.start()
    pair.lb02.balancer.start()
    home(pair)
    its, other = VIP_OF[instance], VIP_OF["VI_2" if instance == "VI_1" else "VI_1"]
    stays.log.skip()
    with lab.probing(VIP, VIP_OF_2) as recording:
        goes.balancer.stop()
        lab.wait_for_owner(its, stays.name, WITHIN_S)
        stays.expect_state("MASTER", rf"{goes.address} resigned \(priority 0\)", instance=instance)
        stays.expect_no_change()
        goes.balancer.start()
        home(pair)
    stays.expect_state(
        "BACKUP", rf"{goes.address} is MASTER with priority 150, above", instance=instance
    )
    assert lab.report(recording, its).outage_s == outage_of(SKEW_S)
    assert lab.report(recording, other).outage_s < RTNL_S
    assert lab.owners(other) == [stays.name]

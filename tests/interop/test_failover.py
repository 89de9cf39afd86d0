"""halod and keepalived as MASTER and BACKUP of one another: faults, takeover, and the way back."""

from collections.abc import Callable
from functools import partial

import pytest

from halod.lab.lab import Lab
from tests.kit.pair import (
    BUSY_S,
    LB01,
    MIXED,
    NEEDS_KEEPALIVED,
    RTNL_S,
    SILENT,
    SKEW_S,
    TAKEOVER_S,
    VIP,
    Pair,
    changed,
    outage_of,
    start_pair,
)

pytestmark = NEEDS_KEEPALIVED

SOON = changed(("advert_int 1", "advert_int 1\n    garp_master_delay 1"), only="lb02")
"""Its second burst is over when lb01 comes back. Keepalived's default of 5 s may fall on that very
moment, and a client that lb01 has just won follows it back until lb01's own second burst."""


def back_home(pair: Pair) -> None:
    """lb01 preempts as soon as it has listened for its whole Master_Down_Interval; nobody loses."""
    report = pair.lab.probe(VIP, TAKEOVER_S + 0.5, until="lb01")
    assert pair.owners() == ["lb01"]
    assert report.answered_by == ["lb02", "lb01"]
    assert report.outage_s < RTNL_S
    assert report.two_owners_s < RTNL_S
    pair.lb01.expect_state("MASTER", r"192\.168\.178\.131 is MASTER with priority 100, below")
    pair.lb02.expect_state("BACKUP", r"192\.168\.178\.130 is MASTER with priority 150, above")


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_a_stop_hands_over_after_the_skew_time(lab: Lab, lb01: str, lb02: str) -> None:
    pair = start_pair(lab, lb01, lb02, SOON)
    report = lab.probe(VIP, 1.5, during=pair.lb01.balancer.stop, until="lb02")
    assert report.answered_by == ["lb01", "lb02"]
    assert report.outage_s == outage_of(SKEW_S)
    assert report.two_owners_s == 0
    pair.lb02.expect_state("MASTER", r"192\.168\.178\.130 resigned \(priority 0\)")
    pair.lb01.balancer.start()
    back_home(pair)


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_a_node_that_dies_at_once_is_replaced(lab: Lab, lb01: str, lb02: str) -> None:
    pair = start_pair(lab, lb01, lb02, SOON)
    report = lab.probe(VIP, TAKEOVER_S + 0.5, during=pair.lb01.balancer.kill_all, until="lb02")
    pair.lb02.expect_state("MASTER", SILENT)
    # keepalived leaves the address behind for ever; halod's goes before lb02 has it for long.
    if lb01 == "halod":
        assert pair.owners() == ["lb02"]
        assert report.two_owners_s <= 0.5
    pair.lb01.balancer.start()
    back_home(pair)


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_a_vrrp_process_that_dies_is_replaced(lab: Lab, lb01: str, lb02: str) -> None:
    pair = start_pair(lab, lb01, lb02, SOON)
    kill = partial(pair.strike, pair.lb01.balancer.kill_heartbeat)
    report = lab.probe(VIP, 5.0, during=kill, until="lb01")
    # Both start the process again by themselves, and it preempts.
    assert report.answered_by == ["lb01", "lb02", "lb01"]
    assert report.two_owners_s < RTNL_S
    resigned = rf"{LB01} resigned \(priority 0\)"
    pair.lb02.expect_state("MASTER", resigned if lb01 == "halod" else SILENT)
    pair.lb01.expect_state("MASTER", r"192\.168\.178\.131 is MASTER with priority 100, below")
    pair.lb02.expect_state("BACKUP", r"192\.168\.178\.130 is MASTER with priority 150, above")


@pytest.mark.parametrize("fault", ["link_down", "unplug"])
@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_a_lost_link(lab: Lab, lb01: str, lb02: str, fault: str) -> None:
    pair = start_pair(lab, lb01, lb02, SOON)
    mend: Callable[[str], None] = {"link_down": lab.faults.link_up, "unplug": lab.faults.plug}[
        fault
    ]
    report = lab.probe(
        VIP, TAKEOVER_S + 0.5, during=lambda: getattr(lab.faults, fault)("lb01"), until="lb02"
    )
    assert report.answered_by == ["lb01", "lb02"]
    assert TAKEOVER_S - 1 - BUSY_S < report.outage_s < TAKEOVER_S + RTNL_S
    pair.lb01.expect_state("FAULT", "interface ens33 is down or has no carrier")
    pair.lb02.expect_state("MASTER", SILENT)
    mend("lb01")
    pair.lb01.expect_state("BACKUP", "interface ens33 is usable again")
    back_home(pair)


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_nobody_takes_over_while_both_live(lab: Lab, lb01: str, lb02: str) -> None:
    pair = start_pair(lab, lb01, lb02)
    report = lab.probe(VIP, 12.0)
    assert report.answered_by == ["lb01"]
    assert report.outage_s < RTNL_S
    assert (report.two_owners_s, report.no_owner_s) == (0, 0)
    for node in (pair.lb01, pair.lb02):
        node.expect_no_change()
        node.log.silent_about("ignored|discarding|nvalid|rror")

"""halod and keepalived as unicast peers, in both roles: takeover, faults, and what each drops."""

from collections.abc import Callable

import pytest

from halod.lab.lab import Lab
from tests.interop.unicast_files import unicast_config
from tests.kit.pair import (
    LB01,
    MIXED,
    NEEDS_KEEPALIVED,
    RTNL_S,
    SILENT,
    SKEW_S,
    TAKEOVER_S,
    VIP,
    WITHIN_S,
    outage_of,
    set_up_pair,
    start_pair,
)

pytestmark = NEEDS_KEEPALIVED

VERSIONS = pytest.mark.parametrize("version", [2, 3], ids=["v2", "v3"])
STRICT = "    check_unicast_src\n    garp_master_delay 1\n"


@VERSIONS
@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_a_stop_hands_over_and_the_stronger_comes_back(
    lab: Lab, lb01: str, lb02: str, version: int
) -> None:
    config = unicast_config(version, behind_peer="min_ttl 255 max_ttl 255", more=STRICT)
    pair = start_pair(lab, lb01, lb02, config)
    report = lab.probe(VIP, 1.5, during=pair.lb01.balancer.stop, until="lb02")
    assert report.answered_by == ["lb01", "lb02"]
    assert report.outage_s == outage_of(SKEW_S)
    assert report.two_owners_s == 0
    pair.lb02.expect_state("MASTER", r"192\.168\.178\.130 resigned \(priority 0\)")
    pair.lb01.balancer.start()
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    pair.lb02.expect_state("BACKUP", r"192\.168\.178\.130 is MASTER with priority 150, above")


@VERSIONS
@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_a_vrrp_process_that_dies_is_replaced(lab: Lab, lb01: str, lb02: str, version: int) -> None:
    """halod's supervisor speaks for the dead to its peers, as to a group."""
    pair = start_pair(lab, lb01, lb02, unicast_config(version))
    report = lab.probe(VIP, 5.0, during=pair.lb01.balancer.kill_heartbeat, until="lb01")
    assert report.answered_by == ["lb01", "lb02", "lb01"]
    assert report.two_owners_s < RTNL_S
    resigned = rf"{LB01} resigned \(priority 0\)"
    pair.lb02.expect_state("MASTER", resigned if lb01 == "halod" else r"no advert from ")


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_a_lost_link(lab: Lab, lb01: str, lb02: str) -> None:
    pair = start_pair(lab, lb01, lb02, unicast_config(3))
    report = lab.probe(
        VIP, TAKEOVER_S + 0.5, during=lambda: lab.faults.unplug("lb01"), until="lb02"
    )
    assert report.answered_by == ["lb01", "lb02"]
    pair.lb01.expect_state("FAULT", "interface ens33 is down or has no carrier")
    pair.lb02.expect_state("MASTER", SILENT)
    lab.faults.plug("lb01")
    pair.lb01.expect_state("BACKUP", "interface ens33 is usable again")
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_nobody_takes_over_while_both_live(lab: Lab, lb01: str, lb02: str) -> None:
    pair = start_pair(lab, lb01, lb02, unicast_config(3, more=STRICT))
    report = lab.probe(VIP, 8.0)
    assert report.answered_by == ["lb01"]
    assert (report.two_owners_s, report.no_owner_s) == (0, 0)
    for node in (pair.lb01, pair.lb02):
        node.expect_no_change()
        node.log.silent_about("ignored|discarding|nvalid|rror|Expected")


def with_old_checksum(only: str) -> Callable[[str], str]:
    """One node sums as keepalived up to 1.3.6 did."""
    old, new = unicast_config(3, more="    old_unicast_checksum\n"), unicast_config(3)
    return lambda host: (old if host == only else new)(host)


@pytest.mark.parametrize("only", ["lb01", "lb02"])
@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_an_old_checksum_is_understood(lab: Lab, lb01: str, lb02: str, only: str) -> None:
    """keepalived that is told to use it drops any other, so the one that is not told adapts."""
    pair = start_pair(lab, lb01, lb02, with_old_checksum(only))
    if only == "lb01":
        assert pair.owners() == ["lb01"]
        report = lab.probe(VIP, 4.5)
        assert report.answered_by == ["lb01"]
        assert report.two_owners_s == 0
        adapting = pair.lb02
        adapting.log.expect(
            f"{LB01} has the unicast checksum of keepalived 1.3.6 or older"
            if adapting.is_halod
            else "Setting unicast VRRPv3 checksum to old version"
        )
    elif lb02 == "keepalived":
        # It hears lb01's new checksum, and understands the old one alone.
        pair.lb02.expect_state("MASTER", "")
    else:
        report = lab.probe(VIP, 4.5)
        assert report.answered_by == ["lb01"]
        assert report.two_owners_s == 0


def test_a_stranger_is_told_by_name(lab: Lab) -> None:
    """Each lists somebody else: both are master, and halod says why."""

    def config(host: str) -> str:
        text = unicast_config(3, more="    check_unicast_src\n")(host)
        return (
            text.replace("192.168.178.130 \n", "192.168.178.130 \n")
            if host == "lb01"
            else (text.replace("        192.168.178.130 \n", "        192.168.178.122\n"))
        )

    pair = set_up_pair(lab, "keepalived", "halod", config)
    for node in (pair.lb01, pair.lb02):
        node.balancer.start()
    told = pair.lb02.log.expect("ignored an advert from", within_s=WITHIN_S)
    assert "192.168.178.130 is not in `unicast_peer`" in told
    pair.lb02.expect_state("MASTER", "no advert from anybody for")
    why = pair.lb02.haloctl("why").stdout
    assert (
        "It ignores adverts from 192.168.178.130: 192.168.178.130 is not in `unicast_peer`" in why
    )

"""halod and keepalived in VRRPv3 at a tenth of a second: faults, takeover, and the way back."""

from collections.abc import Callable
from functools import partial

import pytest

from halod.lab.lab import Lab
from tests.kit.fast_pair import FAST_S, fast_config, skew_s, start_fast_pair, takeover_s
from tests.kit.pair import LB01, LB02, MIXED, NEEDS_KEEPALIVED, VIP, WITHIN_S, Pair

pytestmark = NEEDS_KEEPALIVED

SLACK_S = 0.1
"""What a busy machine adds to any time here; also the longest blackhole that is let pass."""
WATCH_S = 1.5
"""Four times the longest timer."""
SILENT = rf"no advert from {LB01} for 0\.[34]"
RESIGNED = rf"{LB01} resigned \(priority 0\)"


def came_back(pair: Pair, come: Callable[[], None]) -> None:
    """lb01 preempts, and no client notices."""
    pair.lb01.log.skip()
    report = pair.lab.probe(VIP, WATCH_S, during=come, until="lb01")
    assert pair.owners() == ["lb01"]
    assert report.answered_by[-1] == "lb01"
    assert report.outage_s < SLACK_S
    pair.lb02.expect_state("BACKUP", rf"{LB01} is MASTER with priority 150, above")


@pytest.mark.parametrize("interval_s", [FAST_S, 0.02])
@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_a_stop_hands_over_after_the_skew_time(
    lab: Lab, lb01: str, lb02: str, interval_s: float
) -> None:
    """RFC 9568, 6.4.2: after priority 0 the Skew_Time alone."""
    pair = start_fast_pair(lab, lb01, lb02, fast_config(interval_s))
    report = lab.probe(VIP, WATCH_S, during=pair.lb01.balancer.stop, until="lb02")
    assert report.answered_by == ["lb01", "lb02"]
    assert report.outage_s < skew_s(interval_s=interval_s) + SLACK_S
    # keepalived says goodbye first and removes its address when it comes to it.
    assert report.two_owners_s == 0 if lb01 == "halod" else report.two_owners_s < SLACK_S
    pair.lb02.expect_state("MASTER", RESIGNED)
    came_back(pair, pair.lb01.balancer.start)


@pytest.mark.parametrize("interval_s", [FAST_S, 0.02])
@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_a_node_that_dies_at_once_is_replaced(
    lab: Lab, lb01: str, lb02: str, interval_s: float
) -> None:
    pair = start_fast_pair(lab, lb01, lb02, fast_config(interval_s))
    report = lab.probe(VIP, WATCH_S, during=pair.lb01.balancer.kill_all, until="lb02")
    assert report.answered_by == ["lb01", "lb02"]
    assert report.outage_s < takeover_s(interval_s=interval_s) + SLACK_S
    pair.lb02.expect_state("MASTER", rf"no advert from {LB01} for 0\.")
    # keepalived leaves the address behind for ever; of halod the kernel takes it away.
    assert (report.two_owners_s < SLACK_S) is (lb01 == "halod")
    came_back(pair, pair.lb01.balancer.start)


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_a_frozen_node_is_replaced_and_thaws_unheard(lab: Lab, lb01: str, lb02: str) -> None:
    pair = start_fast_pair(lab, lb01, lb02)
    report = lab.probe(VIP, WATCH_S, during=pair.lb01.balancer.freeze_all, until="lb02")
    assert report.answered_by == ["lb01", "lb02"]
    assert report.outage_s < takeover_s() + SLACK_S
    pair.lb02.expect_state("MASTER", SILENT)
    assert (report.two_owners_s < SLACK_S) is (lb01 == "halod")
    came_back(pair, pair.lb01.balancer.thaw)
    if lb01 == "halod":
        # It answered for nothing until it had listened: the lease was over.
        pair.lb01.expect_state("BACKUP", "this process sent nothing for")
        pair.lb01.expect_state("MASTER", rf"{LB02} is MASTER with priority 100, below")


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_a_vrrp_process_that_dies_is_replaced(lab: Lab, lb01: str, lb02: str) -> None:
    pair = start_fast_pair(lab, lb01, lb02)
    report = lab.probe(VIP, WATCH_S + 2, during=pair.lb01.balancer.kill_heartbeat, until="lb01")
    # Both start the process again by themselves, and it preempts; but halod's peer has heard a
    # resignation, and keepalived's must wait for silence.
    assert report.answered_by == ["lb01", "lb02", "lb01"]
    assert report.outage_s < takeover_s() + SLACK_S
    assert report.two_owners_s < SLACK_S
    pair.lb02.expect_state("MASTER", RESIGNED if lb01 == "halod" else SILENT)
    pair.lb01.expect_state("MASTER", rf"{LB02} is MASTER with priority 100, below")


@pytest.mark.parametrize(("fault", "mend"), [("link_down", "link_up"), ("unplug", "plug")])
@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_a_link_that_is_lost_and_comes_back(
    lab: Lab, lb01: str, lb02: str, fault: str, mend: str
) -> None:
    pair = start_fast_pair(lab, lb01, lb02)
    report = lab.probe(
        VIP, WATCH_S, during=partial(getattr(lab.faults, fault), "lb01"), until="lb02"
    )
    assert report.answered_by == ["lb01", "lb02"]
    assert report.outage_s < takeover_s() + SLACK_S
    assert report.two_owners_s == 0
    pair.lb02.expect_state("MASTER", SILENT)
    came_back(pair, partial(getattr(lab.faults, mend), "lb01"))


@pytest.mark.parametrize("heal_after_s", [0.01, 0.045, 0.09])
@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_clients_lose_nothing_when_a_partition_heals(
    lab: Lab, lb01: str, lb02: str, heal_after_s: float
) -> None:
    """Whoever speaks first after it: three phases of an interval."""
    # Stock keepalived steps down without a word (docs/guides/beside-keepalived.md).
    one_word = ("router_id lb", "vrrp_higher_prio_send_advert true\n  router_id lb")
    soon = (f"advert_int {FAST_S:g}", f"advert_int {FAST_S:g}\n    garp_master_delay 1")
    pair = start_fast_pair(lab, lb01, lb02, fast_config(FAST_S, one_word, soon))
    lab.probe(VIP, 1.2)  # lb01 announces a second time, and does not steal the client back later
    lab.faults.partition("lb01", "lb02")
    pair.lb02.expect_state("MASTER", SILENT)
    lab.probe(VIP, 1.2)
    assert pair.owners() == ["lb01", "lb02"]
    pair.lb01.log.skip()
    report = lab.probe(
        VIP, WATCH_S, during=lambda: pair.strike(lab.faults.heal, heal_after_s), until="lb01"
    )
    assert report.answered_by == ["lb02", "lb01"]
    assert report.outage_s < SLACK_S
    assert pair.owners() == ["lb01"]
    pair.lb02.expect_state("BACKUP", rf"{LB01} is MASTER with priority 150, above")
    pair.lb01.expect_no_change()


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_nobody_takes_over_while_both_live(lab: Lab, lb01: str, lb02: str) -> None:
    pair = start_fast_pair(lab, lb01, lb02)
    report = lab.probe(VIP, WITHIN_S)
    assert report.answered_by == ["lb01"]
    assert report.outage_s < SLACK_S
    assert (report.two_owners_s, report.no_owner_s) == (0, 0)
    for node in (pair.lb01, pair.lb02):
        node.expect_no_change()
        node.log.silent_about("ignored|discarding|nvalid|rror")

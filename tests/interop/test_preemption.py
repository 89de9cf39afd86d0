"""Who may take over from a living master: `nopreempt`, `preempt_delay`, equal priorities."""

import pytest

from halod.lab.lab import Lab
from halod.lab.patience import stays_true
from tests.kit.pair import (
    LB01,
    LB02,
    MIXED,
    NEEDS_KEEPALIVED,
    SILENT,
    VIP,
    WITHIN_S,
    Pair,
    changed,
    set_up_pair,
)

pytestmark = NEEDS_KEEPALIVED

NOPREEMPT = changed(
    ("state MASTER", "state BACKUP"), ("advert_int 1", "advert_int 1\n    nopreempt"), only="lb01"
)
DELAY_S = 5
DELAYED = changed(
    ("state MASTER", "state BACKUP"),
    ("advert_int 1", f"advert_int 1\n    preempt_delay {DELAY_S}"),
    only="lb01",
)
EQUAL = changed(("priority 150", "priority 100"), only="lb01")


def lb01_comes_second(pair: Pair) -> None:
    """lb02 is MASTER, though of the lower priority, when lb01 begins to listen."""
    pair.lb02.balancer.start()
    pair.lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    pair.lb01.balancer.start()
    pair.lb01.expect_state("BACKUP", "started")


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_nopreempt_leaves_a_weaker_master_alone(lab: Lab, lb01: str, lb02: str) -> None:
    pair = set_up_pair(lab, lb01, lb02, NOPREEMPT)
    lb01_comes_second(pair)
    assert stays_true(lambda: pair.owners() == ["lb02"], for_s=5.0)
    pair.lb01.expect_no_change()
    pair.lb02.balancer.stop()
    pair.lb01.expect_state("MASTER", rf"{LB02} resigned \(priority 0\)")
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_preempt_delay_counts_from_the_first_advert(lab: Lab, lb01: str, lb02: str) -> None:
    pair = set_up_pair(lab, lb01, lb02, DELAYED)
    lb01_comes_second(pair)
    assert stays_true(lambda: pair.owners() == ["lb02"], for_s=DELAY_S - 0.5)
    # The first advert comes within 1 s; after the delay the timer runs out, 3.41 s at most.
    lab.wait_for_owner(VIP, "lb01", 0.5 + 1 + 3.5 + 1)
    pair.lb01.expect_state("MASTER", rf"{LB02} is MASTER with priority 100, below")
    pair.lb02.expect_state("BACKUP", rf"{LB01} is MASTER with priority 150, above")


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_of_equals_the_first_stays_and_the_higher_address_wins(
    lab: Lab, lb01: str, lb02: str
) -> None:
    pair = set_up_pair(lab, lb01, lb02, EQUAL)
    pair.lb01.balancer.start()
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    pair.lb02.balancer.start()
    assert stays_true(lambda: pair.owners() == ["lb01"], for_s=5.0)
    lab.faults.partition("lb01", "lb02")
    pair.lb02.expect_state("MASTER", SILENT)
    pair.lb01.log.skip()
    lab.faults.heal()
    # RFC 9568, 6.4.3: of equal priorities the greater primary address.
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    pair.lb01.expect_state(
        "BACKUP", rf"{LB02} is MASTER with the same priority 100 and the higher address"
    )
    pair.lb02.expect_no_change()

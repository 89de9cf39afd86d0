"""A node that was frozen past its lease: what it says and holds when it goes on."""

from halod.lab.advert_ear import AdvertEar
from halod.lab.lab import Lab
from halod.lab.patience import stays_true, wait_until
from tests.kit.pair import (
    LB01,
    LB02,
    NEEDS_LAB,
    SILENT,
    VIP,
    WITHIN_S,
    changed,
    set_up_pair,
    start_pair,
)

pytestmark = NEEDS_LAB

LISTENS_S = 3.3
"""A little less than the 3.41 s for which a BACKUP of priority 150 listens first."""
RESIGNS = 0


def test_a_frozen_master_wakes_as_backup_and_claims_nothing_before_it_has_listened(
    lab: Lab,
) -> None:
    pair = start_pair(lab, "halod", "halod")
    pair.lb01.balancer.freeze_all()
    pair.lb02.expect_state("MASTER", SILENT)
    assert wait_until(lambda: pair.owners() == ["lb02"], 1.0)
    ear = AdvertEar(lab.machine("web01"))
    pair.lb01.balancer.thaw()
    pair.lb01.expect_state("BACKUP", "this process sent nothing for")
    assert stays_true(lambda: pair.owners() == ["lb02"], for_s=LISTENS_S)
    said = [advert.priority for advert in ear.heard() if advert.source == LB01]
    ear.close()
    # A resignation is no claim; lb02 answers it at once.
    assert set(said) <= {RESIGNS}
    pair.lb02.expect_no_change()
    pair.lb01.expect_state("MASTER", rf"{LB02} is MASTER with priority 100, below")
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)


def test_a_frozen_owner_wakes_as_one_that_has_just_started(lab: Lab) -> None:
    """Priority 255 has no BACKUP: RFC 9568, 6.4.1."""
    pair = set_up_pair(
        lab, "halod", "halod", changed(("priority 150", "priority 255"), only="lb01")
    )
    pair.lb01.balancer.start()
    pair.lb02.balancer.start()
    pair.lb01.expect_state("MASTER", "priority 255: it owns the addresses and does not wait")
    pair.lb02.expect_state("BACKUP", "started: listening for a master first")
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    pair.strike(pair.lb01.balancer.freeze_all)
    pair.lb02.expect_state("MASTER", SILENT)
    pair.lb01.balancer.thaw()
    pair.lb01.expect_state("INIT", "this process sent nothing for")
    pair.lb01.expect_state("MASTER", "priority 255: it owns the addresses and does not wait")
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    pair.lb02.expect_state("BACKUP", rf"{LB01} is MASTER with priority 255, above")


def test_a_short_pause_changes_nothing(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod")

    def pause() -> None:
        pair.lb01.balancer.freeze_all()
        wait_until(lambda: False, 0.7)
        pair.lb01.balancer.thaw()

    report = lab.probe(VIP, 4.0, during=lambda: pair.strike(pause, after_s=0.2))
    assert report.answered_by == ["lb01"]
    assert (report.two_owners_s, report.no_owner_s) == (0, 0)
    pair.lb01.expect_no_change()
    pair.lb02.expect_no_change()


def test_a_backup_that_slept_listens_again_before_it_takes_over(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod")
    pair.lb02.balancer.freeze_all()
    wait_until(lambda: False, 5.0)
    report = lab.probe(VIP, 4.0, during=pair.lb02.balancer.thaw)
    assert report.answered_by == ["lb01"]
    assert report.two_owners_s == 0
    pair.lb02.expect_no_change()
    why = pair.lb02.haloctl("why").stdout
    assert f"{LB01} is MASTER with the higher priority 150 (ours 100), last heard" in why

"""Trackers: what a weight makes of a priority, what weight 0 does, and what is said about it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from halod.model.event import Reconfigured, TrackerReported
from halod.model.state import State
from halod.model.tracking import (
    Report,
    Tracked,
    TrackerId,
    TrackerKind,
    effective_priority,
    failing,
    unheard,
)
from tests.kit.build import CHECK, LB01, LB02, S, instance, link, received, tracks
from tests.kit.driver import Driver, Node

ETH1 = TrackerId(TrackerKind.INTERFACE, "eth1")
FILE = TrackerId(TrackerKind.FILE, "load")
NGINX = TrackerId(TrackerKind.PROCESS, "nginx")
GOOD, BAD = Report(up=True), Report(up=False)


def report(driver: Driver, node: Node, *, up: bool, tracker: TrackerId = CHECK) -> None:
    driver.tell(node, TrackerReported(tracker, up, detail="" if up else "exit 1"))


def priority(base: int, tracked: Tracked, said: Report) -> int:
    return effective_priority(base, [tracked], {tracked.tracker: said})


# ---- the arithmetic ------------------------------------------------------------------------------


def test_a_positive_weight_counts_while_it_is_well() -> None:
    assert priority(100, tracks(20), GOOD) == 120
    assert priority(100, tracks(20), BAD) == 100


def test_a_negative_weight_counts_while_it_fails() -> None:
    assert priority(100, tracks(-20), GOOD) == 100
    assert priority(100, tracks(-20), BAD) == 80


def test_reverse_turns_the_sign() -> None:
    assert priority(100, tracks(20, reverse=True), GOOD) == 80
    assert priority(100, tracks(20, reverse=True), BAD) == 100
    assert priority(100, tracks(-20, reverse=True), GOOD) == 100
    assert priority(100, tracks(-20, reverse=True), BAD) == 120


def test_weights_stop_at_1_and_at_254() -> None:
    assert priority(100, tracks(-253), BAD) == 1
    assert priority(100, tracks(253), GOOD) == 254


def test_an_owner_stays_one_whatever_is_said() -> None:
    assert priority(255, tracks(-253), BAD) == 255
    assert priority(255, tracks(253), GOOD) == 255


def test_who_has_said_nothing_adds_nothing() -> None:
    assert effective_priority(100, [tracks(20), tracks(-20, NGINX)], {}) == 100


def test_the_number_of_a_file_is_multiplied() -> None:
    assert priority(100, tracks(2, FILE), Report(up=False, value=7)) == 114
    assert priority(100, tracks(2, FILE, reverse=True), Report(up=False, value=7)) == 86
    assert priority(100, tracks(-1, FILE), Report(up=False, value=-7)) == 107


def test_a_file_far_below_zero_is_a_fault() -> None:
    """keepalived: less than -253; `weight 254` lets a -1 say it. It moves no priority then."""
    assert priority(150, tracks(1, FILE), Report(up=False, value=-254)) == 150
    tracked = tracks(254, FILE)
    assert tracked.fails(Report(up=False, value=-1))
    assert not tracks(1, FILE).fails(Report(up=False, value=-253))
    assert tracks(1, FILE).fails(Report(up=False, value=-254))


def test_weight_0_of_a_file_fails_on_any_other_number_than_0() -> None:
    assert tracks(0, FILE).fails(Report(up=False, value=3))
    assert not tracks(0, FILE).fails(Report(up=True, value=0))


def test_weight_0_reverse_fails_while_it_is_well() -> None:
    assert tracks(reverse=True).fails(GOOD)
    assert not tracks(reverse=True).fails(BAD)


def test_only_weight_0_is_waited_for() -> None:
    assert unheard([tracks(5), tracks(0, NGINX)], {}) == NGINX
    assert unheard([tracks(0, NGINX)], {NGINX: BAD}) is None


@given(
    base=st.integers(1, 254),
    weights=st.lists(st.tuples(st.integers(-254, 254), st.booleans(), st.booleans()), max_size=8),
)
def test_whatever_the_weights_the_priority_is_one_that_can_be_advertised(
    base: int, weights: list[tuple[int, bool, bool]]
) -> None:
    """RFC 9568, 5.2.4: 0 resigns and 255 owns; weights reach neither."""
    ids = [TrackerId(TrackerKind.SCRIPT, str(n)) for n in range(len(weights))]
    trackers = [Tracked(i, w, reverse) for i, (w, _, reverse) in zip(ids, weights, strict=True)]
    reports = {i: Report(up) for i, (_, up, _) in zip(ids, weights, strict=True)}
    assert 1 <= effective_priority(base, trackers, reports) <= 254
    failed = failing(trackers, reports)
    assert (failed is not None) == any(w == 0 and up == reverse for w, up, reverse in weights)


# ---- a pair --------------------------------------------------------------------------------------


def pair(driver: Driver, tracked: Tracked) -> tuple[Node, Node]:
    """lb01 is MASTER with 150 and tracks; lb02 has 100."""
    lb01 = driver.add("lb01", LB01, instance(priority=150, trackers=(tracked,)))
    lb02 = driver.add("lb02", LB02, instance())
    report(driver, lb01, up=True, tracker=tracked.tracker)
    driver.run(S * 5)
    assert (lb01.state(), lb02.state()) == (State.MASTER, State.BACKUP)
    lb01.forget()
    return lb01, lb02


def test_a_weight_that_puts_the_master_below_its_backup_moves_the_addresses() -> None:
    driver = Driver()
    lb01, lb02 = pair(driver, tracks(-60))
    report(driver, lb01, up=False)
    # keepalived: the next advert says it, in its turn.
    assert lb01.adverts() == []
    driver.run(S)
    assert [p for _, p in lb01.adverts()] == [90]
    driver.run(S * 4)
    assert (lb01.state(), lb02.state()) == (State.BACKUP, State.MASTER)
    assert lb01.sentences()[0] == (
        "(VI_1) Changing effective priority from 150 to 90: script chk_nginx failed (exit 1)"
    )
    report(driver, lb01, up=True)
    driver.run(S * 5)
    assert (lb01.state(), lb02.state()) == (State.MASTER, State.BACKUP)


def test_a_weight_that_is_too_small_moves_nothing() -> None:
    driver = Driver()
    lb01, lb02 = pair(driver, tracks(-20))
    report(driver, lb01, up=False)
    driver.run(S * 10)
    assert (lb01.state(), lb02.state()) == (State.MASTER, State.BACKUP)
    assert driver.view(lb01).priority == 130


def test_weight_0_hands_over_within_the_skew() -> None:
    driver = Driver()
    lb01, lb02 = pair(driver, tracks())
    report(driver, lb01, up=False)
    driver.run(S)
    assert (lb01.state(), lb02.state()) == (State.FAULT, State.MASTER)
    assert driver.view(lb01).why == (
        "VI_1 is FAULT on ens33, so it cannot be MASTER: script chk_nginx failed (exit 1)"
    )


def test_nopreempt_leaves_a_master_alone_that_a_weight_has_lowered() -> None:
    """KEEPALIVED.md, pain 6: weights and nopreempt never fail over."""
    driver = Driver()
    lb01 = driver.add("lb01", LB01, instance(priority=150, trackers=(tracks(-60),)))
    lb02 = driver.add("lb02", LB02, instance(preempt=False))
    driver.run(S * 5)
    report(driver, lb01, up=False)
    driver.run(S * 20)
    assert (lb01.state(), lb02.state()) == (State.MASTER, State.BACKUP)
    assert "`nopreempt` leaves it alone" in driver.view(lb02).why


# ---- starting ------------------------------------------------------------------------------------


def test_it_stays_in_init_until_each_tracker_of_weight_0_has_spoken() -> None:
    driver = Driver()
    both = (tracks(), tracks(0, NGINX), tracks(5, FILE))
    node = driver.add("lb02", LB02, instance(trackers=both))
    driver.run(S * 60)
    assert node.state() is State.INITIALIZE
    assert driver.view(node).why == (
        "VI_1 is INIT on ens33: started: waiting for the first word of script chk_nginx"
    )
    report(driver, node, up=True)
    assert node.state() is State.INITIALIZE
    report(driver, node, up=True, tracker=NGINX)
    assert node.state() is State.BACKUP


def test_an_owner_waits_too() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(priority=255, trackers=(tracks(),)))
    assert node.state() is State.INITIALIZE
    report(driver, node, up=True)
    assert node.state() is State.MASTER


def test_a_report_after_the_stop_starts_nothing() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(trackers=(tracks(),)))
    driver.stop(node)
    report(driver, node, up=True)
    assert node.state() is State.INITIALIZE


# ---- several reasons at once ---------------------------------------------------------------------


def test_the_fault_ends_when_the_last_reason_does() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(trackers=(tracks(), tracks(0, NGINX))))
    report(driver, node, up=True)
    report(driver, node, up=True, tracker=NGINX)
    report(driver, node, up=False)
    report(driver, node, up=False, tracker=NGINX)
    driver.carrier(node, running=False)
    report(driver, node, up=True)
    driver.carrier(node, running=True)
    assert node.state() is State.FAULT
    assert driver.view(node).why.endswith("process nginx does not run as wanted (exit 1)")
    report(driver, node, up=True, tracker=NGINX)
    assert node.state() is State.BACKUP


def test_after_a_fault_the_first_word_is_still_waited_for() -> None:
    driver = Driver()
    node = driver.add("lb02", None, instance(trackers=(tracks(),)))
    assert node.state() is State.FAULT
    driver.see_link(node, link(LB02))
    assert node.state() is State.FAULT
    report(driver, node, up=True)
    assert node.state() is State.BACKUP


# ---- interfaces ----------------------------------------------------------------------------------


def test_a_tracked_interface_reports_by_its_link() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(trackers=(tracks(0, ETH1),)))
    assert node.state() is State.FAULT
    assert driver.view(node).why.endswith("interface eth1 is down (it does not exist)")
    driver.see_link(node, link(None, "eth1"), "eth1")
    assert node.state() is State.BACKUP
    driver.see_link(node, link(None, "eth1", running=False), "eth1")
    assert node.state() is State.FAULT
    driver.see_link(node, None, "eth1")
    assert node.state() is State.FAULT


def test_a_weighted_interface_moves_the_priority() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(trackers=(tracks(-30, ETH1),)))
    assert (node.state(), driver.view(node).priority) == (State.BACKUP, 70)
    driver.see_link(node, link(None, "eth1"), "eth1")
    assert driver.view(node).priority == 100


# ---- reload --------------------------------------------------------------------------------------


def test_a_reload_that_drops_the_failing_tracker_ends_the_fault() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(trackers=(tracks(),)))
    report(driver, node, up=False)
    driver.reload(node, instance())
    assert node.state() is State.BACKUP
    assert "(VI_1) reloaded: trackers -script chk_nginx" in node.sentences()


def test_a_master_goes_on_while_a_new_tracker_has_said_nothing() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance())
    driver.run(S * 4)
    driver.reload(node, instance(trackers=(tracks(),)))
    assert node.state() is State.MASTER
    report(driver, node, up=False)
    assert node.state() is State.FAULT


def test_what_a_tracker_said_before_nobody_tracked_it_is_forgotten() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(trackers=(tracks(-60),)))
    report(driver, node, up=False)
    driver.reload(node, instance())
    driver.reload(node, instance(trackers=(tracks(-60),)))
    assert driver.view(node).priority == 100


def test_the_timer_of_a_backup_is_shifted_by_weight_and_reload_together() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(trackers=(tracks(-60),)))
    report(driver, node, up=False)
    driver.tell(node, Reconfigured((instance(priority=200, trackers=(tracks(-60),)),)))
    deadline = node.engine.deadline()
    assert deadline is not None
    assert deadline - driver.now == S * 3 + S * (256 - 140) // 256


def test_a_heard_master_is_compared_with_the_effective_priority() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(priority=150, trackers=(tracks(-60),)))
    driver.run(S * 4)
    assert node.state() is State.MASTER
    report(driver, node, up=False)
    driver.tell(node, received(instance(), LB01, 100))
    assert node.state() is State.BACKUP
    assert node.sentences()[-1].endswith(
        "192.168.178.130 is MASTER with priority 100, above this node's 90"
    )

"""VRRPv3 at work: hundredths of a second, and a master whose interval the backups adopt."""

from __future__ import annotations

from typing import Unpack

import pytest

from halod.model.event import GrantFailed, TimerFired
from halod.model.state import State
from halod.model.units import Duration
from halod.model.vrrp import VrrpVersion
from tests.kit.build import LB01, LB02, LB03, MS, Changes, S, at, instance, received
from tests.kit.driver import Driver, Node

V3 = VrrpVersion.V3
BACKUP, MASTER = State.BACKUP, State.MASTER


def v3(**changes: Unpack[Changes]) -> Changes:
    """Fields of a v3 instance with adverts each second."""
    return {"version": V3, "password": None, **changes}


def backup(**changes: Unpack[Changes]) -> tuple[Driver, Node]:
    driver = Driver()
    return driver, driver.add("lb02", LB02, instance(**v3(**changes)))


def hear(driver: Driver, node: Node, priority: int, interval: Duration) -> None:
    driver.tell(node, received(instance(**v3(advert_interval=interval)), LB01, priority))


def silence(interval: Duration, priority: int = 100) -> Duration:
    """RFC 9568, 6.1: three intervals and Skew_Time, which is a part of the interval."""
    return interval * 3 + interval * (256 - priority) // 256


@pytest.mark.parametrize("interval", [MS * 10, MS * 100, S, S * 40])
def test_alone_it_waits_by_its_own_interval(interval: Duration) -> None:
    # RFC 9568, 6.4.1: Active_Adver_Interval is set to Advertisement_Interval.
    driver, node = backup(advert_interval=interval)
    assert node.engine.deadline() == driver.now + silence(interval)
    driver.run(silence(interval))
    assert node.state() is MASTER
    driver.run(interval * 2)
    assert [when for when, _ in node.adverts()] == [
        at(0) + silence(interval) + interval * n for n in range(3)
    ]


@pytest.mark.parametrize("theirs", [MS * 10, MS * 500, S * 5, S * 40])
def test_a_backup_adopts_the_interval_of_its_master(theirs: Duration) -> None:
    # RFC 9568, 6.4.2: Active_Adver_Interval is that of the advertisement.
    driver, node = backup()
    hear(driver, node, 150, theirs)
    assert node.engine.deadline() == driver.now + silence(theirs)
    assert driver.view(node).master_interval_s == theirs.as_seconds()


def test_v2_never_adopts_an_interval() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance())
    deadline = node.engine.deadline()
    driver.run(MS * 10)
    driver.tell(node, received(instance(advert_interval=S * 2), LB01, 150))
    assert node.engine.deadline() == deadline
    assert driver.view(node).adverts_dropped == {"interval_mismatch": 1}
    driver.tell(node, received(instance(), LB01, 150))
    assert driver.view(node).master_interval_s == 1.0


def test_a_resignation_leaves_the_skew_of_the_masters_interval() -> None:
    # RFC 9568, 6.4.2 and 6.1.
    driver, node = backup()
    hear(driver, node, 150, MS * 100)
    hear(driver, node, 0, MS * 100)
    assert node.engine.deadline() == driver.now + MS * 100 * 156 // 256


def test_a_weaker_master_that_is_not_followed_is_not_adopted() -> None:
    # RFC 9568, 6.4.2: its advert is discarded.
    driver, node = backup()
    deadline = node.engine.deadline()
    hear(driver, node, 50, S * 5)
    assert node.engine.deadline() == deadline


def test_nopreempt_follows_a_weaker_master_at_its_pace() -> None:
    driver, node = backup(preempt=False)
    hear(driver, node, 50, S * 5)
    assert node.engine.deadline() == driver.now + silence(S * 5)


def test_as_master_it_advertises_at_its_own_interval() -> None:
    driver, node = backup(advert_interval=MS * 200)
    hear(driver, node, 150, S)
    driver.run(silence(S))
    assert node.state() is MASTER
    driver.run(S)
    assert len(node.adverts()) == 6


def test_a_master_that_gives_way_adopts_the_winners_interval() -> None:
    # RFC 9568, 6.4.3.
    driver, node = backup(advert_interval=MS * 200)
    driver.run(S)
    hear(driver, node, 150, S * 2)
    assert node.state() is BACKUP
    assert node.engine.deadline() == driver.now + silence(S * 2)


def test_after_a_fault_it_waits_by_its_own_interval_again() -> None:
    driver, node = backup()
    hear(driver, node, 150, S * 5)
    driver.carrier(node, running=False)
    driver.carrier(node, running=True)
    assert node.engine.deadline() == driver.now + silence(S)
    assert driver.view(node).master_interval_s is None


def test_after_a_mastership_given_up_it_waits_by_its_own_interval() -> None:
    driver, node = backup()
    hear(driver, node, 150, S * 5)
    driver.run(silence(S * 5))
    driver.tell(node, GrantFailed("VI_1", 1, "full"))
    assert node.state() is BACKUP
    assert node.engine.deadline() == driver.now + silence(S)


def test_a_priority_shifts_the_timer_by_the_masters_skew() -> None:
    driver, node = backup()
    hear(driver, node, 150, S * 5)
    heard = driver.now
    driver.run(S)
    driver.reload(node, instance(**v3(priority=120)))
    assert node.engine.deadline() == heard + silence(S * 5, 120)


def test_another_interval_of_ours_means_nothing_while_a_master_is_followed() -> None:
    driver, node = backup()
    hear(driver, node, 150, S * 5)
    deadline = node.engine.deadline()
    driver.run(S)
    driver.reload(node, instance(**v3(advert_interval=MS * 100)))
    assert node.engine.deadline() == deadline


def test_a_timer_that_is_late_by_less_than_the_masters_interval_counts() -> None:
    driver, node = backup(advert_interval=MS * 10)
    hear(driver, node, 150, S)
    driver.now = driver.now + silence(S) + MS * 500
    driver.tell(node, TimerFired())
    assert node.state() is MASTER


def test_a_conflict_is_over_by_the_pace_of_the_slower_one() -> None:
    driver, node = backup(advert_interval=MS * 100)
    driver.run(S)
    hear(driver, node, 50, S)
    driver.run(S + MS * 400)
    assert driver.view(node).rival == str(LB01)
    driver.run(MS * 200)
    assert driver.view(node).rival is None


def test_a_master_of_fast_adverts_notices_a_short_sleep() -> None:
    """At 10 ms the others take over after 36 ms: a sleep of 50 ms is one too many."""
    driver, node = backup(advert_interval=MS * 10)
    driver.run(S)
    assert node.state() is MASTER
    driver.now = driver.now + MS * 50
    driver.tell(node, TimerFired())
    assert node.state() is BACKUP


def test_fast_adverts_have_no_lease_of_whole_seconds() -> None:
    driver, node = backup(advert_interval=MS * 100)
    assert driver.view(node).lease_s is None


def test_a_pair_with_two_intervals() -> None:
    """lb01 advertises five times as often; lb02 follows its pace, and takes over by it."""
    driver = Driver()
    one = driver.add("lb01", LB01, instance(**v3(priority=150, advert_interval=MS * 200)))
    two = driver.add("lb02", LB02, instance(**v3(priority=100)))
    driver.run(S * 30)
    assert (one.state(), two.state()) == (MASTER, BACKUP)
    last = one.adverts()[-1][0]
    one.frozen = True
    driver.run(S)
    assert two.state() is MASTER
    assert two.adverts()[0] == (last + silence(MS * 200), 100)
    one.frozen = False
    driver.run(S * 30)
    assert (one.state(), two.state()) == (MASTER, BACKUP)


def test_of_three_at_hundredths_of_a_second_the_next_priority_comes_first() -> None:
    driver = Driver()
    nodes = [
        driver.add(f"lb{n}", address, instance(**v3(priority=priority, advert_interval=MS * 10)))
        for n, (address, priority) in enumerate([(LB01, 150), (LB02, 101), (LB03, 100)])
    ]
    driver.run(S)
    driver.stop(nodes[0])
    driver.run(S)
    assert [node.state() for node in nodes[1:]] == [MASTER, BACKUP]
    assert nodes[2].adverts() == []

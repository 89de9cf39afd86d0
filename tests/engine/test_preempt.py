"""Who may take over from a weaker master, and when: RFC 9568, 6.1, and keepalived's keywords."""

from __future__ import annotations

from typing import Unpack

import pytest

from halod.model.event import GrantFailed
from halod.model.state import State
from halod.model.units import Instant
from tests.kit.build import LB01, LB02, LB03, MS, Changes, S, at, instance, received
from tests.kit.driver import Driver, Node

SKEW_100 = S * 156 // 256
DOWN_100 = S * 3 + SKEW_100
MINUTE = S * 60


def backup(**changes: Unpack[Changes]) -> tuple[Driver, Node]:
    driver = Driver()
    return driver, driver.add("lb02", LB02, instance(**changes))


def beside(driver: Driver, node: Node, priority: int, seconds: int) -> Instant | None:
    """A master advertises each second; when the node became MASTER, or None."""
    for _ in range(seconds):
        driver.tell(node, received(instance(), LB01, priority))
        driver.run(S)
        if node.state() is State.MASTER:
            return node.adverts()[0][0]
    return None


def test_a_backup_preempts_a_weaker_master_after_the_whole_timer() -> None:
    # RFC 9568, 6.4.2: its adverts are discarded, so the timer of the start runs out.
    driver, node = backup()
    assert beside(driver, node, 50, 10) == at(3.609375)


@pytest.mark.parametrize("priority", [100, 150])
def test_an_equal_or_higher_master_is_never_preempted(priority: int) -> None:
    driver, node = backup()
    assert beside(driver, node, priority, 600) is None


def test_nopreempt_leaves_a_weaker_master_alone() -> None:
    driver, node = backup(preempt=False)
    assert beside(driver, node, 1, 600) is None


def test_nopreempt_does_not_stop_a_takeover_from_the_dead() -> None:
    driver, node = backup(preempt=False)
    beside(driver, node, 50, 5)
    driver.run(S * 3)
    assert node.adverts() == [(at(4) + DOWN_100, 100)]


def test_nopreempt_does_not_stop_a_takeover_after_a_resignation() -> None:
    driver, node = backup(preempt=False)
    beside(driver, node, 50, 5)
    driver.tell(node, received(instance(), LB01, 0))
    driver.run(S)
    assert node.adverts() == [(at(5) + SKEW_100, 100)]


def test_an_owner_preempts_whatever_preempt_says() -> None:
    # RFC 9568, 6.1: the owner of the addresses preempts independently of Preempt_Mode.
    driver = Driver()
    changes: Changes = {"priority": 255, "preempt": False, "preempt_delay": S * 100}
    node = driver.add("lb02", LB02, instance(**changes))
    driver.tell(node, received(instance(), LB03, 255))
    assert node.state() is State.BACKUP
    node.forget()
    assert beside(driver, node, 254, 10) == at(3) + S // 256


# ---- preempt_delay -----------------------------------------------------------------------------


def test_preempt_delay_counts_from_the_first_weaker_advert() -> None:
    """Until then each of its adverts restarts the timer; the last to do so comes at 9 s."""
    driver, node = backup(preempt_delay=S * 10)
    assert beside(driver, node, 50, 30) == at(9) + DOWN_100


def test_preempt_delay_is_counted_anew_after_an_equal_or_higher_master() -> None:
    driver, node = backup(preempt_delay=S * 10)
    beside(driver, node, 50, 8)
    beside(driver, node, 100, 1)
    assert beside(driver, node, 50, 30) == at(9 + 9) + DOWN_100


def test_preempt_delay_does_not_stop_a_takeover_from_the_dead() -> None:
    driver, node = backup(preempt_delay=S * 1000)
    beside(driver, node, 50, 5)
    driver.run(S * 3)
    assert node.adverts() == [(at(4) + DOWN_100, 100)]


def test_preempt_delay_is_counted_anew_after_a_fault() -> None:
    """It is there for what comes up slowly: a link that was down is such a thing."""
    driver, node = backup(preempt_delay=S * 10)
    beside(driver, node, 50, 5)
    driver.carrier(node, running=False)
    driver.run(MINUTE)
    driver.carrier(node, running=True)
    back = driver.now
    assert beside(driver, node, 50, 30) == back + S * 9 + DOWN_100


def test_preempt_delay_is_not_counted_while_this_node_is_master() -> None:
    driver, node = backup(preempt_delay=S * 100)
    driver.run(S * 4)
    driver.tell(node, received(instance(), LB01, 50))
    driver.run(S * 10)
    driver.tell(node, GrantFailed("VI_1", 1, "no memory"))
    node.forget()
    assert beside(driver, node, 50, 200) == at(14 + 99) + DOWN_100


# ---- after a fight over addresses --------------------------------------------------------------


def refused(**changes: Unpack[Changes]) -> tuple[Driver, Node]:
    """A node at 4 s whose kernel refused the addresses just now."""
    driver, node = backup(**changes)
    driver.run(S * 4)
    driver.tell(node, GrantFailed("VI_1", 1, "no memory"))
    node.forget()
    return driver, node


def test_after_a_refusal_a_weaker_master_is_left_alone_for_a_minute() -> None:
    driver, node = refused()
    assert beside(driver, node, 50, 90) == at(4 + 59) + DOWN_100


def test_after_a_refusal_a_stronger_master_in_between_changes_nothing() -> None:
    """The addresses are no easier to hold because another node held them for a while."""
    driver, node = refused()
    beside(driver, node, 50, 10)
    beside(driver, node, 150, 10)
    assert beside(driver, node, 50, 90) == at(4 + 59) + DOWN_100


def test_after_a_refusal_it_tries_again_where_nobody_else_is() -> None:
    driver, node = refused()
    driver.run(DOWN_100)
    assert node.state() is State.MASTER


# ---- resignations ------------------------------------------------------------------------------


def test_repeated_resignations_do_not_put_the_takeover_off() -> None:
    """RFC 9568, 6.4.2 sets Skew_Time; from the first of several, or they would hold it back."""
    driver, node = backup()
    beside(driver, node, 150, 2)
    first = driver.now
    for _ in range(5):
        driver.tell(node, received(instance(), LB01, 0))
        driver.run(MS * 100)
    driver.run(S)
    assert node.adverts()[0] == (first + SKEW_100, 100)


def test_a_resignation_of_a_third_one_is_no_end_of_the_master() -> None:
    """RFC 9568, 6.4.3: the master answers it at once, and so the backup goes on waiting."""
    driver = Driver()
    one = driver.add("lb01", LB01, instance(priority=150))
    two = driver.add("lb02", LB02, instance())
    driver.run(S * 10)
    for node in (one, two):
        driver.tell(node, received(instance(), LB03, 0))
    driver.run(MINUTE)
    assert (one.state(), two.state()) == (State.MASTER, State.BACKUP)


def test_after_a_resignation_the_stronger_of_two_backups_is_first() -> None:
    driver = Driver()
    one = driver.add("lb01", LB01, instance(priority=150))
    two = driver.add("lb02", LB02, instance(priority=100))
    three = driver.add("lb03", LB03, instance(priority=99))
    driver.run(S * 10)
    driver.stop(one)
    driver.run(MINUTE)
    assert (two.state(), three.state()) == (State.MASTER, State.BACKUP)
    assert three.adverts() == []

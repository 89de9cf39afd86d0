"""Two masters: who stays, what is said, and how clients learn of it (RFC 9568, 6.4.3)."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.effect import AnnounceAddresses, GrantAddresses, RenewAddresses, SendAdvert
from halod.model.fact import ConflictEnded, ConflictSeen
from halod.model.state import State
from halod.model.units import ZERO
from halod.model.vrrp import GarpPolicy
from tests.kit.build import LB01, LB02, LB03, MS, VIP, S, instance, received
from tests.kit.driver import Driver, Node

MASTER, BACKUP = State.MASTER, State.BACKUP


def pair(priority_one: int = 150, priority_two: int = 100) -> tuple[Driver, Node, Node]:
    """Two masters that a partition made; the wire is whole again, and nothing was sent since."""
    driver = Driver()
    one = driver.add("lb01", LB01, instance(priority=priority_one))
    two = driver.add("lb02", LB02, instance(priority=priority_two))
    driver.cut("lb01", "lb02")
    driver.run(S * 20 + MS * 7)
    assert (one.state(), two.state()) == (MASTER, MASTER)
    driver.heal()
    one.forget()
    two.forget()
    return driver, one, two


@pytest.mark.parametrize("one_first", [True, False])
def test_the_stronger_one_stays_and_announces_again_at_once(one_first: bool) -> None:
    """Without that the clients look for the address at the weaker one for 4 to 7 s."""
    driver, one, two = pair()
    hearer, source, priority = (two, LB01, 150) if one_first else (one, LB02, 100)
    driver.tell(hearer, received(instance(), source, priority))
    assert (one.state(), two.state()) == (MASTER, BACKUP)
    assert one.announced() == [(driver.now, 5)]
    assert two.announced() == []
    assert two.held == {}


def test_the_weaker_one_says_it_once_more_so_that_the_stronger_one_knows() -> None:
    driver, one, two = pair()
    driver.tell(two, received(instance(), LB01, 150))
    assert two.adverts() == [(driver.now, 100)]
    assert [type(fact) for _, fact in one.facts] == [ConflictSeen]


def test_the_stronger_one_answers_before_the_other_steps_down() -> None:
    driver, one, two = pair()
    driver.tell(one, received(instance(), LB02, 100))
    assert one.adverts() == [(driver.now, 150)]
    assert two.state() is BACKUP


@pytest.mark.parametrize("one_first", [True, False])
def test_of_equal_priorities_the_higher_address_stays(one_first: bool) -> None:
    # RFC 9568, 6.4.3.
    driver, one, two = pair(100, 100)
    heard, source = (two, LB01) if one_first else (one, LB02)
    driver.tell(heard, received(instance(), source, 100))
    assert (one.state(), two.state()) == (BACKUP, MASTER)
    assert two.announced() == [(driver.now, 5)]


def test_of_two_owners_the_higher_address_stays() -> None:
    driver = Driver()
    one = driver.add("lb01", LB01, instance(priority=255))
    two = driver.add("lb02", LB02, instance(priority=255))
    driver.run(S * 20)
    assert (one.state(), two.state()) == (BACKUP, MASTER)


def test_a_conflict_is_over_within_a_few_adverts() -> None:
    """Two halods must not answer each other for ever."""
    driver, one, two = pair()
    driver.run(S)
    assert len(one.adverts()) + len(two.adverts()) <= 4
    assert (one.state(), two.state()) == (MASTER, BACKUP)


def test_it_is_told_once_and_its_end_once() -> None:
    driver, one, two = pair()
    driver.run(S * 30)
    assert [type(fact) for _, fact in one.facts] == [ConflictSeen, ConflictEnded]
    assert one.sentences()[0] == (
        "(VI_1) two masters: 192.168.178.131 advertises priority 100 beside our 150; "
        "answered and announced the addresses again"
    )
    assert one.sentences()[1] == (
        "(VI_1) one master again: 192.168.178.131 gave way; announced the addresses once more"
    )
    assert two.sentences() == [
        (
            "(VI_1) Entering BACKUP STATE (was MASTER): 192.168.178.130 is MASTER "
            "with priority 150, above this node's 100"
        )
    ]


def test_the_end_is_announced_even_where_answers_announce_nothing() -> None:
    """keepalived's strict mode sets garp_lower_prio_repeat 0: clients must learn all the same."""
    garp = GarpPolicy(delay=ZERO, lower_prio_repeat=0, lower_prio_delay=ZERO)
    driver = Driver()
    node = driver.add("lb02", LB02, instance(garp=garp))
    driver.run(S * 4)
    node.forget()
    driver.tell(node, received(instance(), LB01, 50))
    assert node.announced() == []
    driver.run(S * 5)
    assert len(node.announced()) == 1


def master() -> tuple[Driver, Node]:
    driver = Driver()
    node = driver.add("lb02", LB02, instance())
    driver.run(S * 4)
    node.forget()
    return driver, node


def test_an_answer_renews_the_lease_and_starts_the_interval_anew() -> None:
    driver, node = master()
    driver.tell(node, received(instance(), LB03, 50))
    assert len(node.effects(RenewAddresses)) == 1
    assert node.engine.deadline() == driver.now + S


def test_while_it_lasts_the_rival_is_shown_and_afterwards_it_is_not() -> None:
    driver, node = master()
    driver.tell(node, received(instance(), LB03, 50))
    assert driver.view(node).rival == str(LB03)
    assert "192.168.178.132 is MASTER too, with priority 50 (ours 100)" in driver.view(node).why
    driver.run(S * 2)
    assert driver.view(node).rival is None


def test_one_that_resigns_is_answered_and_is_no_rival() -> None:
    driver, node = master()
    driver.tell(node, received(instance(), LB03, 0))
    assert node.announced() == [(driver.now, 5)]
    assert driver.view(node).rival is None
    assert node.facts == []


@given(st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 99)), min_size=1, max_size=60))
def test_a_flood_of_weaker_adverts_is_not_amplified(flood: list[tuple[int, int]]) -> None:
    """At most one answer in 10 ms; and the last of them is answered, 10 ms late at most."""
    driver, node = master()
    start = driver.now
    for wait_us, priority in flood:
        driver.run(MS * wait_us // 1000)
        driver.tell(node, received(instance(), LB01, priority))
    last = driver.now
    driver.run(MS * 10)
    answers = [when for when, _ in node.adverts()]
    assert len(answers) <= (driver.now - start).ns // (MS * 10).ns + 1
    assert answers[-1] >= last
    assert node.announced()[-1][0] == answers[-1]


def test_a_new_master_that_announced_last_does_not_keep_the_clients() -> None:
    """Its gratuitous ARP may come after our answer: what it says next is answered once more."""
    driver, node = master()
    driver.tell(node, received(instance(), LB01, 50))
    driver.run(MS * 2)
    driver.tell(node, received(instance(), LB01, 50))
    driver.run(MS * 10)
    assert [when for when, _ in node.announced()] == [driver.now - MS * 12, driver.now - MS * 2]


@pytest.mark.parametrize("source", [LB01, LB03])
def test_a_foreign_master_heard_one_way_is_answered_each_time(source: IPv4Address) -> None:
    """It does not hear us: its adverts go on, and each is answered; the alarm stays one."""
    driver, node = master()
    for _ in range(10):
        driver.tell(node, received(instance(), source, 50))
        driver.run(S)
    assert len(node.effects(SendAdvert)) >= 10
    assert [type(fact) for _, fact in node.facts] == [ConflictSeen]
    assert node.effects(GrantAddresses) == []
    assert node.held == {VIP: 1}
    assert all(e.addresses == (VIP,) for e in node.effects(AnnounceAddresses))


def test_an_ordinary_preemption_is_no_conflict() -> None:
    """The master that is overtaken says a last advert: an alarm each time would be heeded never."""
    driver = Driver()
    two = driver.add("lb02", LB02, instance(priority=100))
    driver.run(S * 5)
    one = driver.add("lb01", LB01, instance(priority=150))
    driver.run(S * 10)
    assert (one.state(), two.state()) == (MASTER, BACKUP)
    assert two.adverts()[-1][1] == 100, "its last word came after ours"
    assert one.sentences()[-1].endswith(
        "192.168.178.131 is MASTER with priority 100, below this node's 150"
    )
    # All the same clients are told where the address is after that last word.
    assert len(one.announced()) >= 2


def test_an_owner_that_comes_is_no_conflict() -> None:
    """It is MASTER at once, and learns of the other one by its last word."""
    driver = Driver()
    two = driver.add("lb02", LB02, instance(priority=100))
    driver.run(S * 5)
    one = driver.add("lb01", LB01, instance(priority=255))
    driver.run(S * 5)
    assert (one.state(), two.state()) == (MASTER, BACKUP)
    assert two.adverts()[-1][1] == 100, "its last word came after ours"
    assert ConflictSeen not in {type(fact) for _, fact in one.facts}


def test_one_that_does_not_give_way_is_a_conflict_from_its_next_advert_on() -> None:
    driver = Driver()
    one = driver.add("lb01", LB01, instance(priority=150))
    for _ in range(5):
        driver.tell(one, received(instance(), LB02, 100))
        driver.run(S)
    assert one.state() is MASTER
    assert [type(fact) for _, fact in one.facts][-1] is ConflictSeen


def test_without_answers_a_weaker_master_hears_the_next_advert_in_its_turn() -> None:
    """`lower_prio_no_advert`: keepalived announces all the same."""
    driver = Driver()
    node = driver.add("lb02", LB02, instance(answers_weaker=False))
    driver.run(S * 4)
    node.forget()
    driver.tell(node, received(instance(), LB01, 50))
    assert node.adverts() == []
    assert [when for when, _ in node.announced()] == [driver.now]
    driver.run(MS * 20)
    driver.tell(node, received(instance(), LB01, 0))
    assert len(node.adverts()) == 1

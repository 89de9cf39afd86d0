"""Interfaces that come, go and change under an instance."""

from __future__ import annotations

from dataclasses import replace

import pytest

from halod.model.effect import SendAdvert
from halod.model.event import AdvertSendFailed, LinkGone, LinkObserved
from halod.model.state import State
from tests.kit.build import ETH, LB01, LB02, LB03, S, at, instance, link, received
from tests.kit.driver import Driver, Node

FAULT, BACKUP, MASTER = State.FAULT, State.BACKUP, State.MASTER


def master() -> tuple[Driver, Node]:
    driver = Driver()
    node = driver.add("lb02", LB02, instance())
    driver.run(S * 4)
    node.forget()
    return driver, node


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (link(LB02, running=False), "interface ens33 is down or has no carrier"),
        (link(None), "interface ens33 has no IPv4 address"),
        (None, "interface ens33 does not exist"),
    ],
)
def test_a_link_of_no_use_is_a_fault_with_its_reason(changed: object, says: str) -> None:
    driver, node = master()
    event = LinkGone(ETH) if changed is None else LinkObserved(changed)  # type: ignore[arg-type]
    driver.tell(node, event)
    assert node.state() is FAULT
    assert driver.view(node).cause == says
    assert node.held == {}


def test_without_an_address_nothing_can_be_said_and_nothing_is() -> None:
    driver, node = master()
    driver.see_link(node, None)
    assert node.adverts() == []
    assert driver.view(node).adverts_sent == 1


def test_it_comes_back_and_is_backup_first() -> None:
    driver, node = master()
    driver.see_link(node, None)
    driver.run(S * 10)
    driver.see_link(node, replace(link(LB02), index=9))
    assert node.state() is BACKUP
    assert node.sentences()[-1].endswith("interface ens33 is usable again")
    driver.run(S * 4)
    assert node.state() is MASTER


def test_news_that_change_nothing_do_nothing() -> None:
    driver, node = master()
    deadline = node.engine.deadline()
    driver.tell(node, LinkObserved(link(LB02)))
    driver.tell(node, LinkObserved(link(LB01, "ens34", running=False)))
    driver.tell(node, LinkGone("ens35"))
    assert (node.log, node.facts) == ([], [])
    assert node.engine.deadline() == deadline


def test_another_address_is_the_source_from_the_next_advert_on() -> None:
    # RFC 9568, 5.1.1.1: the primary address of the interface.
    driver, node = master()
    driver.see_link(node, link(LB03))
    driver.run(S)
    assert [e.source for e in node.effects(SendAdvert)] == [LB03]
    assert node.state() is MASTER


def test_the_tie_is_broken_by_the_address_that_is_there_now() -> None:
    driver, node = master()
    driver.see_link(node, link(LB01))
    driver.tell(node, received(instance(), LB02, 100))
    assert node.state() is BACKUP


def test_the_first_address_is_the_own_one() -> None:
    driver, node = master()
    driver.see_link(node, replace(link(LB03), addresses=(LB03, LB02)))
    driver.run(S)
    assert [e.source for e in node.effects(SendAdvert)] == [LB03]


def test_each_instance_follows_its_own_link() -> None:
    driver = Driver()
    other = instance(name="VI_2", interface="ens34", addresses=())
    node = driver.add("lb02", LB02, instance(), other)
    driver.see_link(node, None, "ens34")
    assert dict(node.engine.states()) == {"VI_1": BACKUP, "VI_2": FAULT}


def test_a_link_that_flaps_never_shortens_the_wait() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance())
    for _ in range(10):
        driver.run(S)
        driver.carrier(node, running=False)
        driver.carrier(node, running=True)
    assert node.state() is BACKUP
    assert node.engine.deadline() == at(10 + 3.609375)
    assert node.adverts() == []


def test_after_a_stop_links_mean_nothing() -> None:
    driver, node = master()
    driver.stop(node)
    node.forget()
    driver.carrier(node, running=False)
    driver.carrier(node, running=True)
    assert node.state() is State.INITIALIZE
    assert (node.log, node.facts) == ([], [])


def test_a_link_that_is_down_takes_no_resignation_and_that_is_no_second_trouble() -> None:
    driver, node = master()
    driver.see_link(node, link(LB02, running=False))
    driver.tell(node, AdvertSendFailed("VI_1", "Network is unreachable"))
    assert node.sentences() == [
        "(VI_1) Entering FAULT STATE (was MASTER): interface ens33 is down or has no carrier"
    ]


# ---- dont_track_primary -------------------------------------------------------------------------


def test_a_lost_carrier_is_no_fault_where_the_own_link_is_not_minded() -> None:
    """keepalived 2.2.7 stays MASTER, and keeps the addresses."""
    driver = Driver()
    node = driver.add("lb02", LB02, instance(minds_own_link=False))
    driver.run(S * 4)
    node.forget()
    driver.carrier(node, running=False)
    driver.run(S * 2)
    assert node.state() is MASTER
    assert [priority for _, priority in node.adverts()] == [100, 100]


def test_without_an_address_or_a_link_not_even_that_helps() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(minds_own_link=False))
    driver.see_link(node, link(None))
    assert node.state() is FAULT
    driver.see_link(node, link(LB02, running=False))
    assert node.state() is BACKUP
    driver.see_link(node, None)
    assert node.state() is FAULT


def test_a_reload_that_minds_the_own_link_no_more_ends_the_fault() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance())
    driver.carrier(node, running=False)
    assert node.state() is FAULT
    driver.reload(node, instance(minds_own_link=False))
    assert node.state() is BACKUP
    driver.reload(node, instance())
    assert node.state() is FAULT

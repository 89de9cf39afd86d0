"""Unicast, sources and groups through the whole engine."""

from dataclasses import replace
from ipaddress import IPv4Address

from halod.engine.vrrp_engine import VrrpEngine
from halod.model.effect import SendAdvert
from halod.model.event import AdvertReceived, LinkGone, LinkObserved, Started
from halod.model.state import State
from halod.model.vrrp import VrrpInstance, VrrpVersion
from halod.vrrp.message import advert_of
from halod.wire import ipv4
from tests.kit.build import (
    ETH,
    LB01,
    LB02,
    LB03,
    MS,
    S,
    at,
    instance,
    link,
    received,
    unicast,
)
from tests.kit.driver import Driver

SOURCE = IPv4Address("192.0.2.1")


def of_lb01(**changes: object) -> VrrpInstance:
    return replace(instance(priority=150, unicast=unicast(LB02, LB03)), **changes)  # type: ignore[arg-type]


def of_lb02() -> VrrpInstance:
    return instance(priority=100, unicast=unicast(LB01, LB03))


def test_three_nodes_elect_one_and_the_next_after_it() -> None:
    driver = Driver()
    lb01 = driver.add("lb01", LB01, of_lb01())
    lb02 = driver.add("lb02", LB02, of_lb02())
    lb03 = driver.add("lb03", LB03, instance(priority=90, unicast=unicast(LB01, LB02)))
    driver.run(S * 5)
    assert [n.state() for n in (lb01, lb02, lb03)] == [State.MASTER, State.BACKUP, State.BACKUP]
    assert lb01.effects(SendAdvert)[-1].packets()[1][0] == LB03
    driver.stop(lb01)
    driver.run(S * 2)
    assert [n.state() for n in (lb02, lb03)] == [State.MASTER, State.BACKUP]


def test_a_node_that_is_in_no_list_hears_nobody() -> None:
    driver = Driver()
    driver.add("lb01", LB01, instance(priority=150, unicast=unicast(LB03)))
    lb02 = driver.add("lb02", LB02, of_lb02())
    driver.run(S * 5)
    assert lb02.state() is State.MASTER


def test_the_advert_that_is_followed_is_known_again() -> None:
    """The hot path serves unicast too."""
    engine = VrrpEngine([of_lb02()])
    engine.handle(LinkObserved(link(LB02)), at(0))
    engine.handle(Started(), at(0))
    payload = advert_of(of_lb01(), LB01, 150).payload
    event = AdvertReceived(ETH, LB01, LB02, 64, payload)
    engine.handle(event, at(1))
    assert engine.repeat(ETH, ipv4.encode(event, 7), at(2))
    assert not engine.repeat(ETH, ipv4.encode(replace(event, ttl=63)), at(2))


def test_a_peer_with_the_old_checksum_is_told_once_and_answered_likewise() -> None:
    driver = Driver()
    ours = replace(of_lb02(), version=VrrpVersion.V3, password=None)
    theirs = replace(of_lb01(), version=VrrpVersion.V3, password=None)
    lb02 = driver.add("lb02", LB02, ours)
    old = advert_of(theirs, LB01, 50, old_checksum=True)
    for _ in range(3):
        driver.tell(lb02, AdvertReceived(ETH, LB01, LB02, 255, old.payload))
    told = [line for line in lb02.sentences() if "keepalived 1.3.6" in line]
    assert len(told) == 1
    driver.run(S * 4)
    assert lb02.effects(SendAdvert)[-1] == advert_of(ours, LB02, 100, old_checksum=True)


# ---- the source ----------------------------------------------------------------------------


def test_it_waits_for_its_source_and_stands_back_when_that_goes() -> None:
    driver = Driver()
    lb02 = driver.add("lb02", LB02, instance(source=SOURCE))
    assert lb02.state() is State.FAULT
    assert "does not have 192.0.2.1" in driver.view(lb02).why
    driver.see_link(lb02, link(SOURCE, "lo"), "lo")
    assert lb02.state() is State.BACKUP
    assert lb02.sentences()[-1].endswith(
        "this node has 192.0.2.1, the source of its adverts, again"
    )
    driver.run(S * 4)
    assert lb02.state() is State.MASTER
    assert {effect.source for effect in lb02.effects(SendAdvert)} == {SOURCE}
    driver.see_link(lb02, None, "lo")
    assert lb02.state() is State.FAULT


def test_news_of_another_link_is_no_news_for_it() -> None:
    driver = Driver()
    lb02 = driver.add("lb02", SOURCE, instance(source=SOURCE))
    driver.run(MS * 500)
    lb02.forget()
    driver.see_link(lb02, link(LB03, "ens34"), "ens34")
    driver.tell(lb02, LinkGone("ens34"))
    assert (lb02.state(), lb02.log, lb02.facts) == (State.BACKUP, [], [])


def test_a_reload_gives_another_source() -> None:
    driver = Driver()
    lb02 = driver.add("lb02", LB02, instance())
    both = replace(link(LB02), addresses=(LB02, SOURCE))
    driver.see_link(lb02, both)
    driver.run(S * 4)
    lb02.forget()
    driver.reload(lb02, instance(source=SOURCE))
    driver.run(S * 2)
    assert lb02.state() is State.MASTER
    assert {effect.source for effect in lb02.effects(SendAdvert)} == {SOURCE}
    driver.reload(lb02, instance(source=LB03))
    assert lb02.state() is State.FAULT


# ---- peers ---------------------------------------------------------------------------------


def test_without_a_peer_it_stays_in_fault_until_it_has_one() -> None:
    driver = Driver()
    lb02 = driver.add("lb02", LB02, instance(unicast=unicast()))
    assert lb02.state() is State.FAULT
    assert "it has no unicast peer" in driver.view(lb02).why
    driver.reload(lb02, instance(unicast=unicast(LB01)))
    assert lb02.state() is State.BACKUP
    assert lb02.sentences()[-1].endswith("configuration reloaded: it has unicast peers")
    driver.run(S * 4)
    assert lb02.state() is State.MASTER
    driver.reload(lb02, instance(unicast=unicast()))
    assert lb02.state() is State.FAULT


def test_a_reload_tells_which_peers_came_and_went_and_keeps_the_state() -> None:
    driver = Driver()
    lb02 = driver.add("lb02", LB02, instance(unicast=unicast(LB01)))
    driver.run(S * 4)
    lb02.forget()
    driver.reload(lb02, instance(unicast=unicast(LB03)))
    assert lb02.sentences() == ["(VI_1) reloaded: unicast peers -192.168.178.130 +192.168.178.132"]
    assert lb02.state() is State.MASTER
    assert [effect.destination for effect in lb02.effects(SendAdvert)] == [LB03]
    driver.reload(lb02, instance(unicast=unicast(LB03, ttl=64)))
    driver.reload(lb02, instance())
    assert lb02.sentences()[1:] == [
        "(VI_1) reloaded: unicast changed",
        "(VI_1) reloaded: unicast -> multicast",
    ]


# ---- one VRID, several instances -----------------------------------------------------------


def test_a_unicast_instance_and_one_of_each_group_may_have_one_vrid() -> None:
    driver = Driver()
    group = IPv4Address("224.0.0.99")
    configs = [
        instance(name="VI_U", unicast=unicast(LB01), addresses=()),
        instance(name="VI_M", addresses=()),
        instance(name="VI_G", group=group, addresses=()),
    ]
    lb02 = driver.add("lb02", LB02, *configs)
    for config in configs:
        theirs = replace(config, priority=150, unicast=config.unicast and unicast(LB02))
        driver.tell(lb02, received(theirs, LB01))
    driver.run(S * 2)
    views = [driver.view(lb02, config.name) for config in configs]
    assert [(v.adverts_received, v.adverts_dropped, v.state) for v in views] == [
        (1, {}, "BACKUP")
    ] * 3
    driver.reload(lb02, *configs[:2])
    driver.tell(lb02, received(replace(configs[1], priority=150), LB01))
    assert driver.view(lb02, "VI_M").adverts_received == 2

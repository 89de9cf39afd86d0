"""IPv6 through the whole engine: sources, families beside each other, the hot path."""

from dataclasses import replace
from ipaddress import IPv6Address

from halod.engine.vrrp_engine import VrrpEngine
from halod.model.address import VirtualAddress
from halod.model.effect import SendAdvert
from halod.model.event import LinkObserved, Started
from halod.model.state import State
from halod.model.vrrp import GROUP_V6, VrrpInstance, VrrpVersion
from halod.wire import ipv6
from tests.kit.build import ETH, LB01, LB02, S, at, instance, link, received
from tests.kit.driver import Driver

FE_1, FE_2 = IPv6Address("fe80::1"), IPv6Address("fe80::2")
GLOBAL = IPv6Address("fd00::2")
VIP6 = VirtualAddress(IPv6Address("fd00::3"), 64, ETH)


def of_v6(priority: int = 100) -> VrrpInstance:
    return replace(
        instance(name="VI_6", version=VrrpVersion.V3, password=None, priority=priority),
        group=GROUP_V6,
        addresses=(VIP6,),
    )


def test_the_source_is_the_link_local_address_and_it_waits_for_one() -> None:
    driver = Driver()
    node = driver.add("lb02", GLOBAL, of_v6())
    assert node.state("VI_6") is State.FAULT
    assert "no link-local IPv6 address yet" in driver.view(node, "VI_6").why
    driver.see_link(node, replace(link(GLOBAL), addresses=(LB02, GLOBAL, FE_2)))
    driver.run(S * 4)
    assert node.state("VI_6") is State.MASTER
    sent = node.effects(SendAdvert)[-1]
    assert (sent.source, sent.destination, sent.ttl) == (FE_2, GROUP_V6, 255)


def test_two_nodes_elect_one() -> None:
    driver = Driver()
    lb01 = driver.add("lb01", FE_1, of_v6(150))
    lb02 = driver.add("lb02", FE_2, of_v6(100))
    driver.run(S * 5)
    assert (lb01.state("VI_6"), lb02.state("VI_6")) == (State.MASTER, State.BACKUP)
    assert driver.view(lb02, "VI_6").master == "fe80::1"


def test_families_with_one_vrid_are_two_routers() -> None:
    driver = Driver()
    four = instance(name="VI_4", version=VrrpVersion.V3, password=None)
    node = driver.add("lb02", LB02, four, of_v6())
    driver.see_link(node, replace(link(LB02), addresses=(LB02, FE_2)))
    driver.tell(node, received(replace(four, priority=150), LB01))
    driver.tell(node, received(of_v6(150), FE_1))
    driver.run(S)
    assert driver.view(node, "VI_4").master == str(LB01)
    assert driver.view(node, "VI_6").master == str(FE_1)
    assert driver.view(node, "VI_6").adverts_dropped == {}


def test_the_advert_that_is_followed_is_known_again() -> None:
    engine = VrrpEngine([of_v6()])
    engine.handle(LinkObserved(link(FE_2)), at(0))
    engine.handle(Started(), at(0))
    event = received(of_v6(150), FE_1)
    engine.handle(event, at(1))
    assert engine.repeat(ETH, ipv6.encode(event), at(2))
    assert not engine.repeat(ETH, ipv6.encode(replace(event, ttl=254)), at(2))
    longer = ipv6.encode(event) + b"\0"
    assert not engine.repeat(ETH, longer, at(2))


def test_a_reload_to_another_family_begins_anew() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance())
    driver.see_link(node, replace(link(LB02), addresses=(LB02, FE_2)))
    driver.run(S * 4)
    assert node.state() is State.MASTER
    driver.reload(node, replace(of_v6(), name="VI_1"))
    assert node.state() is State.BACKUP
    driver.run(S * 4)
    assert node.state() is State.MASTER

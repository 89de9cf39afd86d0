"""Routes of an instance: set behind its addresses, removed before them, and moved by a reload."""

from dataclasses import replace
from ipaddress import IPv4Network

from halod.model.effect import (
    AnnounceAddresses,
    GrantAddresses,
    InstallRouting,
    RemoveRouting,
    RevokeAddresses,
)
from halod.model.event import AddressLost, LossBy
from halod.model.routing import NextHop, Route, Routing
from halod.model.state import State
from tests.kit.build import ETH, LB02, VIP, S, instance
from tests.kit.driver import Driver, Node

HERE = Route(destination=IPv4Network("10.1.0.0/16"), hops=(NextHop(interface=ETH),))
THERE = Route(destination=IPv4Network("10.2.0.0/16"), hops=(NextHop(interface=ETH),))
CONFIG = replace(instance(), routing=Routing((HERE,)))
ROUTING = (InstallRouting, RemoveRouting)


def master() -> tuple[Driver, Node]:
    driver = Driver()
    node = driver.add("lb02", LB02, CONFIG)
    driver.run(S * 4)
    assert node.state() is State.MASTER
    return driver, node


def order(node: Node, *kinds: type) -> list[type]:
    return [type(effect) for _, effect in node.log if isinstance(effect, kinds)]


def test_it_is_set_behind_the_addresses_and_before_they_are_announced() -> None:
    _, node = master()
    kinds = (GrantAddresses, InstallRouting, AnnounceAddresses)
    assert order(node, *kinds) == list(kinds)
    assert node.effects(InstallRouting) == [InstallRouting("VI_1", 1, CONFIG.routing)]


def test_it_goes_before_the_addresses() -> None:
    driver, node = master()
    driver.stop(node)
    kinds = (RemoveRouting, RevokeAddresses)
    assert order(node, *kinds) == list(kinds)
    assert node.effects(RemoveRouting) == [RemoveRouting("VI_1", 1, CONFIG.routing)]


def test_it_comes_back_with_an_address_that_was_its_source() -> None:
    driver, node = master()
    node.forget()
    driver.tell(node, AddressLost(VIP.address, ETH, LossBy.SOMEBODY, "ip (7)"))
    assert order(node, GrantAddresses, *ROUTING) == [GrantAddresses, InstallRouting]


def test_a_reload_takes_what_is_gone_and_sets_what_is_new() -> None:
    driver, node = master()
    node.forget()
    driver.reload(node, replace(CONFIG, routing=Routing((THERE,))))
    assert node.effects(RemoveRouting) == [RemoveRouting("VI_1", 1, Routing((HERE,)))]
    assert node.effects(InstallRouting) == [InstallRouting("VI_1", 1, Routing((THERE,)))]
    assert node.effects(RevokeAddresses) == []
    assert node.sentences()[-1] == (
        "(VI_1) reloaded: routes and rules -10.1.0.0/16 dev ens33, +10.2.0.0/16 dev ens33"
    )


def test_a_backup_sets_nothing() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, CONFIG)
    driver.reload(node, replace(CONFIG, routing=Routing((THERE,))))
    assert order(node, *ROUTING) == []

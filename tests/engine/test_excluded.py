"""Addresses that move with an instance and stand in none of its adverts."""

from __future__ import annotations

from halod.model.effect import AnnounceAddresses, GrantAddresses, RevokeAddresses, SendAdvert
from halod.model.event import AddressLost, LossBy
from halod.model.state import State
from halod.wire import vrrp2
from tests.kit.build import ETH, GROUP, LB02, VIP, VIP2, S, instance, received
from tests.kit.driver import Driver, Node

CONFIG = instance(excluded=(VIP2,))


def master() -> tuple[Driver, Node]:
    driver = Driver()
    node = driver.add("lb02", LB02, CONFIG)
    driver.run(S * 4)
    assert node.state() is State.MASTER
    return driver, node


def test_it_is_granted_and_announced_and_not_advertised() -> None:
    _, node = master()
    assert [e.addresses for e in node.effects(GrantAddresses)] == [(VIP, VIP2)]
    assert {e.addresses for e in node.effects(AnnounceAddresses)} == {(VIP, VIP2)}
    sent = node.effects(SendAdvert)[0]
    # A v2 message with one address: 8 bytes of header, 4 of address, 8 of authentication.
    assert len(sent.payload) == 20
    assert VIP2.address.packed not in sent.payload
    assert sent.destination == GROUP
    assert sent.payload[3] == 1
    assert sent.payload[4] == vrrp2.AUTH_PASS


def test_a_peer_that_excludes_nothing_of_it_sees_no_other_list() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, CONFIG)
    driver.tell(node, received(instance(priority=150)))
    assert not [line for line in node.sentences() if "address list" in line]


def test_it_is_put_back_when_somebody_removes_it() -> None:
    driver, node = master()
    node.forget()
    driver.tell(node, AddressLost(VIP2.address, ETH, LossBy.SOMEBODY, "ip (7)"))
    assert [e.addresses for e in node.effects(GrantAddresses)] == [(VIP2,)]
    assert "ip (7) removed 192.168.178.4: put back" in node.sentences()[0]


def test_its_lapse_ends_the_mastership() -> None:
    driver, node = master()
    driver.tell(node, AddressLost(VIP2.address, ETH, LossBy.KERNEL))
    assert node.state() is State.BACKUP
    assert not node.held


def test_a_stop_takes_it_down() -> None:
    driver, node = master()
    driver.stop(node)
    assert node.effects(RevokeAddresses)[-1].addresses == (VIP, VIP2)


def test_a_reload_moves_what_changed_and_nothing_else() -> None:
    driver, node = master()
    node.forget()
    driver.reload(node, instance(addresses=(VIP, VIP2)))
    # From one list into the other: it stands already.
    assert node.effects(GrantAddresses) == []
    assert node.effects(RevokeAddresses) == []
    driver.reload(node, instance())
    assert [e.addresses for e in node.effects(RevokeAddresses)] == [(VIP2,)]
    driver.reload(node, CONFIG)
    assert [e.addresses for e in node.effects(GrantAddresses)] == [(VIP2,)]
    assert node.sentences()[-1] == "(VI_1) reloaded: excluded addresses +192.168.178.4"


def test_the_view_tells_it_apart() -> None:
    driver, node = master()
    view = driver.view(node)
    assert view.addresses == ("192.168.178.3/24 dev ens33",)
    assert view.excluded_addresses == ("192.168.178.4/24 dev ens33",)

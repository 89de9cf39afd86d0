"""From which addresses an instance may speak."""

from dataclasses import replace
from ipaddress import IPv4Address

from halod.model.address import Link
from halod.model.cause import SourceMissing
from halod.model.vrrp import ANY_LINK
from halod.vrrp.link_fault import fault_of
from halod.vrrp.own_link import own_link
from tests.kit.build import ETH, LB01, LB02, LB03, instance, link

LINKS = {ETH: replace(link(LB01), addresses=(LB01, LB02)), "lo": link(LB03, "lo")}


def test_by_itself_the_first_of_the_interface() -> None:
    assert own_link(instance(), LINKS) is LINKS[ETH]


def test_a_source_of_the_interface() -> None:
    own = own_link(instance(source=LB02), LINKS)
    assert own == replace(LINKS[ETH], addresses=(LB02,))


def test_a_source_of_another_interface() -> None:
    own = own_link(instance(source=LB03), LINKS)
    assert own == replace(LINKS[ETH], addresses=(LB03,))


def test_a_source_that_is_not_there() -> None:
    own = own_link(instance(source=IPv4Address("192.0.2.1")), LINKS)
    assert own is not None
    assert own.addresses == ()


def test_no_interface() -> None:
    assert own_link(instance(source=LB03), {"lo": LINKS["lo"]}) is None


def test_without_an_interface_any_link_that_has_the_source_will_do() -> None:
    config = instance(source=LB03, interface=ANY_LINK)
    own = own_link(config, LINKS)
    assert own == Link(ANY_LINK, 0, True, b"", (LB03,))
    assert fault_of(config, own) is None
    assert fault_of(config, own_link(config, {ETH: LINKS[ETH]})) == SourceMissing(LB03)

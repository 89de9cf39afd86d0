"""Gratuitous ARP: how many frames and when, as keepalived's `garp_*` keywords say."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from halod.model.address import VirtualAddress
from halod.model.effect import AnnounceAddresses
from halod.model.fact import ConflictEnded, ConflictSeen
from halod.model.units import ZERO, Duration, Instant
from halod.model.vmac import Vmac
from halod.model.vrrp import GarpPolicy
from halod.vrrp.announcing import extra_addresses
from tests.kit.build import LB01, LB02, VIP, VIP2, S, at, instance, received
from tests.kit.driver import Driver, Node

T0 = 3.609375
"""When a lone node of priority 100 becomes MASTER."""


def master(garp: GarpPolicy) -> tuple[Driver, Node]:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(garp=garp))
    driver.run(S * 4)
    return driver, node


def weaker(driver: Driver, node: Node, source: IPv4Address = LB01) -> None:
    driver.tell(node, received(instance(priority=50), source))


def test_two_bursts_of_five_by_default() -> None:
    driver, node = master(GarpPolicy())
    driver.run(S * 60)
    assert node.announced() == [(at(T0), 5), (at(T0 + 5), 5)]


def test_delay_0_means_no_second_burst() -> None:
    driver, node = master(GarpPolicy(repeat=1, delay=ZERO))
    driver.run(S * 60)
    assert node.announced() == [(at(T0), 1)]


def test_a_refresh_comes_again_and_again() -> None:
    driver, node = master(GarpPolicy(delay=ZERO, refresh=S * 20, refresh_repeat=2))
    driver.run(S * 60)
    assert node.announced() == [(at(T0), 5), (at(T0 + 20), 2), (at(T0 + 40), 2), (at(T0 + 60), 2)]


def test_all_addresses_are_announced_together() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(addresses=(VIP, VIP2)))
    driver.run(S * 4)
    assert [e.addresses for e in node.effects(AnnounceAddresses)] == [(VIP, VIP2)]


def test_nothing_is_announced_after_the_mastership_is_over() -> None:
    driver, node = master(GarpPolicy(refresh=S * 2))
    driver.tell(node, received(instance(priority=150), LB01))
    node.forget()
    for _ in range(20):
        driver.run(S)
        driver.tell(node, received(instance(priority=150), LB01))
    assert node.announced() == []


def test_a_lower_master_is_answered_with_its_own_numbers() -> None:
    driver, node = master(GarpPolicy(lower_prio_repeat=3, lower_prio_delay=S * 2))
    node.forget()
    weaker(driver, node)
    driver.run(S * 10)
    # At once, when the other was silent for 1.5 intervals, and the second burst.
    assert node.announced() == [(at(4), 3), (at(5.5), 3), (at(6), 3)]


def test_the_end_of_a_conflict_is_announced_and_told() -> None:
    driver, node = master(GarpPolicy())
    node.forget()
    for _ in range(3):
        weaker(driver, node)
        driver.run(S)
    driver.run(S * 10)
    told = [(when, type(fact)) for when, fact in node.facts]
    assert told == [(at(4), ConflictSeen), (at(7.5), ConflictEnded)]
    assert (at(7.5), 5) in node.announced()
    assert driver.view(node).rival is None


def reloaded(before: GarpPolicy, after: GarpPolicy) -> tuple[Driver, Node]:
    driver, node = master(before)
    driver.reload(node, instance(garp=after))
    node.forget()
    return driver, node


def test_a_refresh_that_a_reload_takes_away_stops() -> None:
    driver, node = reloaded(GarpPolicy(delay=ZERO, refresh=S * 2), GarpPolicy(delay=ZERO))
    driver.run(S * 20)
    assert node.announced() == []


def test_a_refresh_that_a_reload_brings_begins() -> None:
    driver, node = reloaded(GarpPolicy(delay=ZERO), GarpPolicy(delay=ZERO, refresh=S * 2))
    driver.run(S * 4)
    assert [when for when, _ in node.announced()] == [at(6), at(8)]


@pytest.mark.parametrize("after_s", [3, 30])
def test_a_refresh_that_a_reload_changes_is_reckoned_anew(after_s: int) -> None:
    before, after = GarpPolicy(delay=ZERO, refresh=S * 10), Duration.seconds(after_s)
    driver, node = reloaded(before, GarpPolicy(delay=ZERO, refresh=after))
    driver.run(S * 40)
    assert node.announced()[0][0] == at(4 + after_s)


# ---- links on which no adverts go out --------------------------------------------------------

ELSEWHERE = VirtualAddress(IPv4Address("192.0.2.9"), 24, "ens40")
ELSEWHERE_TOO = VirtualAddress(IPv4Address("192.0.2.10"), 24, "ens40")
EXTRA = GarpPolicy(delay=S * 5, extra=S * 100, extra_everywhere=True)


def extras(node: Node, since: float) -> list[tuple[Instant, tuple[VirtualAddress, ...], int]]:
    return [
        (when, effect.addresses, effect.repeat)
        for when, effect in node.log
        if isinstance(effect, AnnounceAddresses) and when >= at(since)
    ]


def test_one_address_of_each_other_link_again_and_again() -> None:
    """As keepalived: from the second burst on, one frame a link."""
    driver = Driver()
    addresses = (VIP, ELSEWHERE, ELSEWHERE_TOO)
    node = driver.add("lb02", LB02, instance(addresses=addresses, garp=EXTRA))
    driver.run(S * 210)
    assert extras(node, T0 + 6) == [
        (at(T0 + 105), (ELSEWHERE,), 1),
        (at(T0 + 205), (ELSEWHERE,), 1),
    ]


@pytest.mark.parametrize(
    ("vmac", "everywhere", "wanted"),
    [
        (None, False, ()),
        (None, True, (ELSEWHERE,)),
        (Vmac("ens40", b"\0" * 6), True, (VIP,)),
        (Vmac("ens40", b"\0" * 6), False, ()),
        (Vmac("ens40", b"\0" * 6, transmits_base=True), False, (ELSEWHERE,)),
        (Vmac("ens40", b"\0" * 6, transmits_base=True), True, (ELSEWHERE,)),
    ],
)
def test_which_addresses_need_it(
    vmac: Vmac | None, everywhere: bool, wanted: tuple[VirtualAddress, ...]
) -> None:
    """Adverts tell switches where their own source is: the virtual MAC, unless `vmac_xmit_base`."""
    config = instance(
        addresses=(VIP, ELSEWHERE, ELSEWHERE_TOO), garp=GarpPolicy(extra_everywhere=everywhere)
    )
    assert extra_addresses(replace(config, vmac=vmac)) == wanted


def test_a_reload_begins_and_ends_it() -> None:
    driver = Driver()
    plain = instance(addresses=(VIP, ELSEWHERE))
    node = driver.add("lb02", LB02, plain)
    driver.run(S * 20)
    driver.reload(node, replace(plain, garp=EXTRA))
    driver.run(S * 101)
    assert extras(node, 20) == [(at(120), (ELSEWHERE,), 1)]
    driver.reload(node, replace(plain, garp=EXTRA, addresses=(VIP,)))
    driver.run(S * 300)
    assert len(extras(node, 20)) == 1

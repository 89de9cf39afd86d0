"""Which gate holds a lease: wishes, what hangs, and a gate that changes under a master."""

from __future__ import annotations

import pytest

from halod.model.effect import GrantAddresses, OpenGate, RevokeAddresses, ShutGate
from halod.model.event import GateLapsed, GateObserved
from halod.model.state import State
from halod.model.units import ZERO
from halod.model.vrrp import LeaseMode
from halod.vrrp.lease import NFT_LATENESS, lease_of, two_owners_bound
from tests.kit.build import ETH, LB02, VIP, S, instance
from tests.kit.driver import Driver, Node

AUTO, BPF, NFT, ADDRESS, OFF = LeaseMode


def hangs(gate: LeaseMode) -> GateObserved:
    return GateObserved(ETH, gate, hangs=True)


def missing(gate: LeaseMode) -> GateObserved:
    return GateObserved(ETH, gate, hangs=False, reason="there is no program nft")


def nft_master(driver: Driver) -> Node:
    node = driver.add("lb02", LB02, instance())
    driver.tell(node, hangs(NFT))
    driver.run(S * 4)
    assert node.state() is State.MASTER
    return node


@pytest.mark.parametrize(
    ("wish", "hanging", "mode"),
    [
        (AUTO, {BPF, NFT}, BPF),
        (AUTO, {NFT}, NFT),
        (AUTO, {}, ADDRESS),
        (BPF, {BPF, NFT}, BPF),
        (BPF, {NFT}, NFT),
        (NFT, {BPF, NFT}, NFT),
        (NFT, {BPF}, ADDRESS),
        (ADDRESS, {BPF, NFT}, ADDRESS),
        (OFF, {BPF, NFT}, OFF),
    ],
)
def test_a_wish_that_cannot_be_had_gets_the_next_best(
    wish: LeaseMode, hanging: set[LeaseMode], mode: LeaseMode
) -> None:
    assert lease_of(instance(lease=wish), hanging).mode is mode


def test_the_bound_of_nftables_is_its_own() -> None:
    lease = lease_of(instance(), {NFT})
    assert two_owners_bound(instance(), lease, ZERO) == NFT_LATENESS
    assert NFT_LATENESS > S // 20, "a token lives 50 ms, and a tick is more"


def test_effects_name_the_gate() -> None:
    node = nft_master(Driver())
    assert {effect.gate for effect in node.effects(OpenGate)} == {NFT}
    assert [effect.gate for effect in node.effects(GrantAddresses)] == [NFT]
    assert {effect.term for effect in node.effects(OpenGate)} == {1}


def test_the_status_tells_the_gate_and_its_bound() -> None:
    driver = Driver()
    node = nft_master(driver)
    view = driver.view(node)
    assert (view.lease_mode, view.lease_s) == ("nft", 3)
    # 60 ms, less the skew of a peer with priority 254.
    assert view.two_owners_bound_s == pytest.approx(0.060 - 2 / 256)


def test_a_lapse_ends_the_mastership_as_that_of_an_address_does() -> None:
    driver = Driver()
    node = nft_master(driver)
    node.forget()
    driver.tell(node, GateLapsed("VI_1", 1))
    assert node.state() is State.BACKUP
    assert [priority for _, priority in node.adverts()] == [0]
    assert {ShutGate, RevokeAddresses} <= {type(effect) for _, effect in node.log}
    assert "was not renewed in time" in node.sentences()[-1]
    assert node.held == {}


def test_a_lapse_of_an_older_term_is_void() -> None:
    driver = Driver()
    node = nft_master(driver)
    driver.tell(node, GateLapsed("VI_1", 1))
    driver.run(S * 4)
    assert node.state() is State.MASTER
    driver.tell(node, GateLapsed("VI_1", 1))
    assert node.state() is State.MASTER
    driver.tell(node, GateLapsed("VI_1", 2))
    assert node.state() is State.BACKUP


def test_a_gate_that_takes_over_gets_the_addresses_at_once() -> None:
    """For as long as the last advert has earned, and not longer."""
    driver = Driver()
    node = nft_master(driver)
    [(advert, _)] = node.adverts()
    node.forget()
    driver.tell(node, hangs(BPF))
    assert [effect for _, effect in node.log] == [
        OpenGate("VI_1", 1, BPF, advert + S * 3),
        GrantAddresses("VI_1", 1, (VIP,), S * 10, advert + S * 3, BPF),
    ]
    driver.run(S)
    assert len(node.effects(GrantAddresses)) == 1
    assert node.effects(OpenGate)[-1].gate is BPF


def test_without_its_gate_a_master_leases_by_address_and_says_so() -> None:
    driver = Driver()
    node = nft_master(driver)
    node.forget()
    driver.tell(node, missing(NFT))
    assert "no nft gate on ens33 (there is no program nft)" in node.sentences()[-1]
    assert driver.view(node).lease_mode == "address"
    driver.run(S)
    (grant,) = node.effects(GrantAddresses)
    assert (grant.gate, grant.lease) == (None, S * 2)
    assert node.effects(OpenGate) == []


@pytest.mark.parametrize(("gate", "words"), [(BPF, "qdisc clsact"), (NFT, "flush ruleset")])
def test_a_gate_that_was_put_back_is_an_alarm(gate: LeaseMode, words: str) -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance())
    driver.tell(node, GateObserved(ETH, gate, hangs=True, put_back=True))
    assert words in node.sentences()[-1]
    assert "put back" in node.sentences()[-1]

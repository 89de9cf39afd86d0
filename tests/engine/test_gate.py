"""The gate as the engine uses it: opened by adverts, shut before the addresses go."""

from __future__ import annotations

import pytest

from halod.model.address import VirtualAddress
from halod.model.effect import (
    GrantAddresses,
    Notify,
    OpenGate,
    RevokeAddresses,
    SendAdvert,
    ShutGate,
)
from halod.model.event import AdvertSendFailed, GateObserved
from halod.model.state import State
from halod.model.units import Duration
from halod.model.vrrp import LeaseMode
from tests.kit.build import ETH, LB01, LB02, VIP, VIP2, S, instance, received
from tests.kit.driver import Driver, Node


def gated_master(driver: Driver) -> Node:
    """lb02 as MASTER behind a gate, at an advert of its."""
    node = driver.add("lb02", LB02, instance())
    driver.tell(node, GateObserved(ETH, LeaseMode.BPF, hangs=True))
    deadline = node.engine.deadline()
    assert deadline is not None
    driver.run(deadline - driver.now)
    assert node.state() is State.MASTER
    return node


def test_becoming_master_opens_the_gate_between_the_advert_and_the_addresses() -> None:
    driver = Driver()
    node = gated_master(driver)
    kinds = [type(effect) for _, effect in node.log if not isinstance(effect, Notify)][:3]
    assert kinds == [SendAdvert, OpenGate, GrantAddresses]
    assert node.gates == {"VI_1": driver.now + S * 3}
    assert driver.view(node).lease_mode == "bpf"
    assert driver.view(node).two_owners_bound_s == 0


def test_each_advert_moves_the_deadline_and_nothing_else_does() -> None:
    driver = Driver()
    node = gated_master(driver)
    since = driver.now
    driver.run(S // 2)
    assert node.gates == {"VI_1": since + S * 3}
    driver.run(S // 2)
    assert node.gates == {"VI_1": since + S * 4}


def test_leaving_shuts_the_gate_before_the_kernel_is_asked() -> None:
    driver = Driver()
    node = gated_master(driver)
    node.forget()
    driver.tell(node, received(instance(), LB01, 150))
    kinds = [type(effect) for _, effect in node.log][:3]
    assert kinds == [SendAdvert, ShutGate, RevokeAddresses]
    assert node.gates == {}


def test_a_gate_that_comes_later_counts_from_the_last_advert() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance())
    driver.run(S * 4)
    assert node.state() is State.MASTER
    assert node.gates == {}
    last = node.adverts()[-1][0]
    driver.tell(node, GateObserved(ETH, LeaseMode.BPF, hangs=True))
    assert node.gates == {"VI_1": last + S * 3}
    driver.run(S)
    assert node.gates == {"VI_1": last + S * 4}
    assert node.sentences()[-1].startswith("(VI_1) Entering MASTER")


def test_a_gate_that_cannot_be_had_is_told_and_the_addresses_are_leased() -> None:
    driver = Driver()
    node = gated_master(driver)
    driver.tell(
        node, GateObserved(ETH, LeaseMode.BPF, hangs=False, reason="no qdisc clsact: Not supported")
    )
    assert "no bpf gate on ens33 (no qdisc clsact: Not supported)" in node.sentences()[-1]
    assert driver.view(node).lease_mode == "address"
    assert driver.view(node).lease_s == 2


def test_a_lifetime_that_takes_the_place_of_a_gate_is_paid_by_an_advert() -> None:
    """It counts from when it is given. Up to an interval after the last advert that would be longer
    than the published bound: the peers' timers must start anew with it."""
    driver = Driver()
    node = gated_master(driver)
    driver.run(Duration.milliseconds(900))
    node.forget()
    driver.tell(node, GateObserved(ETH, LeaseMode.BPF, hangs=False, reason="gone"))
    assert [type(effect) for _, effect in node.log] == [SendAdvert, GrantAddresses]
    (grant,) = node.effects(GrantAddresses)
    assert (grant.gate, grant.valid_until) == (None, driver.now + S * 2)
    deadline = node.engine.deadline()
    assert deadline == driver.now + S, "the next one comes an interval after it"


def test_a_gate_on_one_of_two_interfaces_is_none() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(interface="eth9"))
    driver.tell(node, GateObserved("eth9", LeaseMode.BPF, hangs=True))
    assert driver.view(node).lease_mode == "address", "its address stands on ens33"
    driver.tell(node, GateObserved(ETH, LeaseMode.BPF, hangs=True))
    assert driver.view(node).lease_mode == "bpf"


def test_a_gate_that_somebody_removed_is_an_alarm() -> None:
    driver = Driver()
    node = gated_master(driver)
    driver.tell(node, GateObserved(ETH, LeaseMode.BPF, hangs=True, put_back=True))
    assert node.sentences()[-1].startswith("somebody removed the lease's gate from ens33")
    assert node.state() is State.MASTER


def test_a_refused_advert_leaves_the_deadline_to_the_advert_before() -> None:
    driver = Driver()
    node = gated_master(driver)
    driver.run(S)
    driver.tell(node, AdvertSendFailed("VI_1", "Operation not permitted"))
    assert node.state() is State.MASTER
    driver.run(S)
    driver.tell(node, AdvertSendFailed("VI_1", "Operation not permitted"))
    driver.run(S)
    driver.tell(node, AdvertSendFailed("VI_1", "Operation not permitted"))
    assert node.state() is State.FAULT
    assert node.gates == {}


def test_adverts_of_one_batch_are_refused_together() -> None:
    """An owner that overslept is MASTER anew, and answers a rival, all at one advert that it reads.

    The kernel took neither, so nothing was granted: to stay MASTER would be to hold nothing.
    """
    driver = Driver()
    node = driver.add("lb02", LB02, instance(priority=255))
    driver.now = driver.now + S * 30
    node.engine.handle(received(instance(), LB01), driver.now)
    node.engine.handle(AdvertSendFailed("VI_1", "Operation not permitted"), driver.now)
    assert node.state() is State.FAULT


def test_a_granted_and_revoked_term_never_opens() -> None:
    """An owner that overslept starts anew, and reads in the same batch that its link is down."""
    driver = Driver()
    node = driver.add("lb02", LB02, instance(priority=255))
    driver.tell(node, GateObserved(ETH, LeaseMode.BPF, hangs=True))
    node.forget()
    driver.now = driver.now + S * 30
    driver.carrier(node, running=False)
    assert node.state() is State.FAULT
    assert node.gates == {}
    assert node.effects(OpenGate) == []


# ---- a lease that changes in the middle of a term ----------------------------------------------


@pytest.mark.parametrize("mode", [LeaseMode.OFF, LeaseMode.ADDRESS])
def test_a_reload_to_another_lease_takes_the_deadline_away(mode: LeaseMode) -> None:
    """Else the gate, which nobody opens any more, would silence the addresses of a master."""
    driver = Driver()
    node = gated_master(driver)
    driver.reload(node, instance(lease=mode))
    assert driver.view(node).lease_mode == mode.value
    assert node.gates == {}
    driver.run(S * 10)
    assert node.state() is State.MASTER
    assert node.gates == {}


def test_a_mastership_without_a_gate_takes_away_what_one_before_it_shut() -> None:
    driver = Driver()
    node = gated_master(driver)
    driver.tell(node, received(instance(), LB01, 150))
    driver.reload(node, instance(lease=LeaseMode.OFF))
    driver.run(S * 5)
    assert node.state() is State.MASTER
    assert node.gates == {}


def test_a_gate_that_goes_from_one_of_two_interfaces_is_open_on_the_other() -> None:
    """The lease is that of the addresses then, and the gate that is left must not end it."""
    driver = Driver()
    node = driver.add("lb02", LB02, instance(interface="eth9"))
    for interface in ("eth9", ETH):
        driver.tell(node, GateObserved(interface, LeaseMode.BPF, hangs=True))
    driver.run(S * 4)
    assert driver.view(node).lease_mode == "bpf"
    node.forget()
    driver.tell(node, GateObserved("eth9", LeaseMode.BPF, hangs=False, reason="gone"))
    assert node.gates == {}
    assert [e.lease for e in node.effects(GrantAddresses)] == [S * 2]


def test_what_a_gate_tells_again_changes_nothing() -> None:
    driver = Driver()
    node = gated_master(driver)
    node.forget()
    driver.tell(node, GateObserved(ETH, LeaseMode.BPF, hangs=True))
    assert (node.log, node.facts) == ([], [])


def test_an_address_that_a_reload_puts_on_a_link_without_a_gate_has_no_gate() -> None:
    """The lease must be one that holds on every interface of the instance from now on."""
    driver = Driver()
    node = gated_master(driver)
    elsewhere = VirtualAddress(VIP2.address, 24, "ens34")
    driver.reload(node, instance(addresses=(VIP, elsewhere)))
    assert driver.view(node).lease_mode == "address"
    assert [e.lease for e in node.effects(GrantAddresses)][-1] == S * 2
    assert node.gates == {}
    driver.reload(node, instance(addresses=(VIP,)))
    assert driver.view(node).lease_mode == "bpf"
    assert node.gates == {"VI_1": driver.now + S * 3}

"""The lease through the engine's door: lapses, foreign deletions, and addresses not ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from halod.model.effect import GrantAddresses, RenewAddresses, RevokeAddresses, SendAdvert
from halod.model.event import AddressLost, Granted, GrantFailed, LinkObserved, LossBy, TimerFired
from halod.model.fact import AddressesForeign, AddressPutBack
from halod.model.state import State
from halod.model.units import Duration
from halod.model.vrrp import LeaseMode, VrrpInstance
from tests.kit.build import ETH, LB01, LB02, MS, VIP, VIP2, S, at, instance, link, received
from tests.kit.driver import Driver, Node

MASTER, BACKUP = State.MASTER, State.BACKUP
T0 = at(3.609375)
BOTH = instance(addresses=(VIP, VIP2))
DELETED = AddressLost(VIP.address, ETH, LossBy.SOMEBODY, "NetworkManager (812)")


def master(config: VrrpInstance = BOTH, foreign: bool = False) -> tuple[Driver, Node]:
    """MASTER at 4.0 s, 0.39 s after its first advert; VIP2 may be the operator's."""
    driver = Driver()
    node = driver.add("lb02", LB02, config)
    if foreign:
        node.foreign.add(VIP2)
    driver.run(S * 4)
    assert node.state() is MASTER
    return driver, node


# ---- what is granted ---------------------------------------------------------------------------


def test_a_grant_is_void_once_the_lease_reckoned_from_the_advert_is_over() -> None:
    _, node = master()
    [grant] = node.effects(GrantAddresses)
    assert grant == GrantAddresses("VI_1", 1, (VIP, VIP2), S * 2, T0 + S * 2)


def test_a_renewal_is_void_half_an_interval_after_its_advert() -> None:
    driver, node = master()
    driver.run(S)
    [renewal] = node.effects(RenewAddresses)
    assert renewal == RenewAddresses("VI_1", 1, S * 2, T0 + S + MS * 500)


def test_without_a_lease_addresses_stand_for_ever_and_are_not_renewed() -> None:
    driver, node = master(instance(lease=LeaseMode.OFF))
    driver.run(S * 10)
    assert [(e.lease, e.valid_until) for e in node.effects(GrantAddresses)] == [(None, None)]
    assert node.effects(RenewAddresses) == []


@pytest.mark.parametrize(
    ("interval_s", "downs", "lease_s"), [(1, 1, 2), (1, 2, 2), (2, 1, 3), (10, 1, 15)]
)
def test_a_lease_outlives_the_wait_for_its_renewal(
    interval_s: int, downs: int, lease_s: int
) -> None:
    """Else the kernel would take the addresses away between two adverts of a healthy master; the
    price, two owners for a while, stands in the bound."""
    config = instance(advert_interval=S * interval_s, down_timer_adverts=downs)
    driver = Driver()
    node = driver.add("lb02", LB02, config)
    driver.run(S * 60)
    assert [e.lease for e in node.effects(GrantAddresses)] == [S * lease_s]
    assert (driver.view(node).two_owners_bound_s or 0) > 0


@pytest.mark.parametrize("late_us", [1, 900_000])
def test_one_missed_advert_is_no_end_even_where_others_wait_for_no_more(late_us: int) -> None:
    """down_timer_adverts 1: a timer that fires a little late must not end the mastership."""
    driver = Driver()
    node = driver.add("lb02", LB02, instance(down_timer_adverts=1))
    driver.run(S * 2)
    deadline = node.engine.deadline()
    assert deadline is not None
    driver.now = deadline + MS * late_us // 1000
    driver.tell(node, TimerFired())
    assert node.state() is MASTER


# ---- sleeping ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("gap_ns", "state"), [(0, MASTER), (1, BACKUP)])
def test_a_master_sleeps_at_most_its_lease(gap_ns: int, state: State) -> None:
    driver, node = master()
    driver.now = T0 + S * 2 + Duration(gap_ns)
    driver.tell(node, TimerFired())
    assert node.state() is state


def test_it_looks_at_the_clock_before_anything_else() -> None:
    """The advert of a weaker master is not answered by one whose lease is over."""
    driver, node = master()
    node.forget()
    driver.now = T0 + S * 30
    driver.tell(node, received(instance(), LB01, 50))
    assert node.state() is BACKUP
    assert node.adverts() == [(driver.now, 0)]
    assert node.announced() == []
    assert "this process sent nothing for 30.000 s" in node.sentences()[0]


def test_every_sleeping_master_wakes_as_backup() -> None:
    driver = Driver()
    other = instance(name="VI_2", virtual_router_id=52, addresses=(VIP2,))
    node = driver.add("lb02", LB02, instance(), other)
    driver.run(S * 4)
    driver.now = T0 + S * 30
    driver.tell(node, TimerFired())
    assert dict(node.engine.states()) == {"VI_1": BACKUP, "VI_2": BACKUP}


# ---- foreign deletions -------------------------------------------------------------------------


def test_a_deleted_address_is_put_back_after_an_advert_that_pays_for_its_lease() -> None:
    driver, node = master()
    node.forget()
    driver.tell(node, DELETED)
    assert [type(effect) for _, effect in node.log][:2] == [SendAdvert, GrantAddresses]
    [grant] = node.effects(GrantAddresses)
    assert grant == GrantAddresses("VI_1", 1, (VIP,), S * 2, driver.now + S * 2)
    assert node.announced() == [(driver.now, 5)]
    assert node.sentences() == [
        "(VI_1) NetworkManager (812) removed 192.168.178.3: put back (1 of at most 3 times in 10 s)"
    ]


def test_three_in_ten_seconds_are_put_back_and_a_fourth_ends_it() -> None:
    driver, node = master()
    for _ in range(3):
        driver.tell(node, DELETED)
        driver.run(S * 3)
    driver.tell(node, DELETED)
    assert node.state() is BACKUP
    assert VIP not in node.held
    assert sum(isinstance(fact, AddressPutBack) for _, fact in node.facts) == 3


def test_slower_ones_are_put_back_for_ever() -> None:
    driver, node = master()
    for _ in range(20):
        driver.tell(node, DELETED)
        driver.run(S * 3 + MS * 400)
    assert node.state() is MASTER


def test_an_address_that_went_from_another_interface_is_not_ours() -> None:
    driver, node = master()
    node.forget()
    driver.tell(node, replace(DELETED, interface="ens34"))
    driver.tell(node, AddressLost(VIP.address, "ens34", LossBy.KERNEL))
    assert (node.log, node.facts) == ([], [])


def test_a_backup_is_not_concerned() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, BOTH)
    node.forget()
    driver.tell(node, DELETED)
    driver.tell(node, AddressLost(VIP.address, ETH, LossBy.KERNEL))
    assert (node.log, node.facts) == ([], [])


def test_what_the_kernel_takes_away_is_a_lapse() -> None:
    driver, node = master()
    driver.tell(node, AddressLost(VIP.address, ETH, LossBy.KERNEL))
    assert node.state() is BACKUP
    assert node.sentences()[-1].endswith(
        "the lease of 192.168.178.3 was not renewed in time: the kernel took it away"
    )


def test_a_deletion_after_the_deadline_is_a_lapse_whoever_did_it() -> None:
    """A loop that is so busy that it never comes to its timers is as good as asleep."""
    driver, node = master()
    while driver.now <= T0 + S * 2:
        driver.now = driver.now + MS * 50
        driver.tell(node, LinkObserved(link(LB02)))
    driver.tell(node, DELETED)
    assert node.state() is BACKUP
    assert VIP not in node.held


# ---- addresses that are the operator's ---------------------------------------------------------


def test_a_foreign_address_is_told_and_never_touched() -> None:
    driver, node = master(foreign=True)
    assert [type(fact) for _, fact in node.facts if isinstance(fact, AddressesForeign)]
    driver.tell(node, AddressLost(VIP2.address, ETH, LossBy.SOMEBODY, "ip (99)"))
    driver.tell(node, AddressLost(VIP2.address, ETH, LossBy.KERNEL))
    assert node.state() is MASTER
    driver.stop(node)
    assert [e.addresses for e in node.effects(RevokeAddresses)] == [(VIP,)]
    assert [e.addresses for e in node.effects(GrantAddresses)] == [(VIP, VIP2)]


def test_it_is_told_once_however_often_it_is_reported() -> None:
    driver, node = master(foreign=True)
    driver.tell(node, Granted("VI_1", 1, (VIP2,)))
    assert sum(isinstance(fact, AddressesForeign) for _, fact in node.facts) == 1
    assert driver.view(node).foreign_addresses == (str(VIP2),)


@pytest.mark.parametrize("report", [Granted("VI_1", 1, (VIP,)), GrantFailed("VI_1", 1, "late")])
def test_reports_of_an_older_term_are_void(report: Granted | GrantFailed) -> None:
    driver, node = master()
    driver.see_link(node, link(None))
    driver.see_link(node, link(LB02))
    driver.run(S * 4)
    assert driver.view(node).term == 2
    node.forget()
    driver.tell(node, report)
    assert (node.log, node.facts) == ([], [])
    assert driver.view(node).foreign_addresses == ()


def test_a_report_for_an_instance_that_is_gone_is_void() -> None:
    driver, node = master()
    node.forget()
    driver.tell(node, GrantFailed("VI_9", 1, "no such thing"))
    assert (node.log, node.facts) == ([], [])

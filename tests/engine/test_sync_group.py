"""Sync groups: all members are MASTER, or none is; one term, and no half of a group anywhere."""

from __future__ import annotations

from ipaddress import IPv4Address
from itertools import pairwise

import pytest

from halod.model.address import VirtualAddress
from halod.model.effect import GrantAddresses, Notify, OpenGate, RenewAddresses, SendAdvert
from halod.model.event import (
    AddressLost,
    AdvertSendFailed,
    GateLapsed,
    GateObserved,
    GrantFailed,
    LossBy,
    TimerFired,
    TrackerReported,
)
from halod.model.occasion import Subject
from halod.model.state import State
from halod.model.sync_group import VrrpSyncGroup
from halod.model.units import Duration
from halod.model.vrrp import LeaseMode, VrrpInstance, VrrpVersion
from tests.kit.build import (
    CHECK,
    ETH,
    LB01,
    LB02,
    MS,
    VIP,
    VIP2,
    S,
    instance,
    link,
    received,
    tracks,
)
from tests.kit.driver import Driver, Node

ETH1 = "eth1"
INSIDE = VirtualAddress(IPv4Address("10.11.0.3"), 24, ETH1)
GROUP = VrrpSyncGroup(name="VG_1", members=("VI_1", "VI_2"))
INITIALIZE, BACKUP, MASTER, FAULT = State.INITIALIZE, State.BACKUP, State.MASTER, State.FAULT
DOWN_100 = S * 3 + S * 156 // 256
"""Master_Down_Interval at priority 100 (RFC 3768, 6.1)."""


def outside(priority: int = 100, **changes: object) -> VrrpInstance:
    return instance(priority=priority, **changes)  # type: ignore[arg-type]


def inside(priority: int = 100, **changes: object) -> VrrpInstance:
    return instance(
        name="VI_2",
        interface=ETH1,
        virtual_router_id=52,
        addresses=(INSIDE,),
        priority=priority,
        **changes,  # type: ignore[arg-type]
    )


def add(driver: Driver, name: str, priority: int = 100, **changes: object) -> Node:
    address = {"lb01": LB01, "lb02": LB02}[name]
    both = outside(priority, **changes), inside(priority, **changes)
    return driver.add(name, address, *both, groups=(GROUP,))


def states(node: Node) -> tuple[State, State]:
    return node.state("VI_1"), node.state("VI_2")


def pair() -> tuple[Driver, Node, Node]:
    """lb01 (150) is MASTER of both, lb02 (100) follows."""
    driver = Driver()
    lb01, lb02 = add(driver, "lb01", 150), add(driver, "lb02")
    driver.run(S * 5)
    assert states(lb01) == (MASTER, MASTER)
    assert states(lb02) == (BACKUP, BACKUP)
    lb01.forget()
    lb02.forget()
    return driver, lb01, lb02


def groups_told(node: Node) -> list[State]:
    told = node.effects(Notify)
    assert all(n.priority == 0 for n in told if n.subject is Subject.GROUP)
    return [n.state for n in told if n.subject is Subject.GROUP]


# ---- 3: MASTER together --------------------------------------------------------------------------


def test_all_become_master_in_one_batch() -> None:
    driver = Driver()
    node = add(driver, "lb02")
    driver.run(DOWN_100)
    assert states(node) == (MASTER, MASTER)
    assert set(node.held) == {VIP, INSIDE}
    first = [kind for when, kind in node.log if when == driver.now]
    # Both adverts before any address.
    assert [type(e) for e in first if isinstance(e, SendAdvert | GrantAddresses)] == [
        SendAdvert,
        SendAdvert,
        GrantAddresses,
        GrantAddresses,
    ]
    assert groups_told(node) == [BACKUP, MASTER]
    assert (
        "VRRP_Group(VG_1) Syncing instances to MASTER state: no advert from anybody for 3.609 s"
        in node.sentences()
    )


def test_one_that_is_ready_waits_for_the_others_and_says_so() -> None:
    driver = Driver()
    node = add(driver, "lb02")
    for _ in range(10):
        driver.run(S)
        driver.tell(node, received(inside(150), LB01))
    assert states(node) == (BACKUP, BACKUP)
    assert driver.view(node, "VI_1").why == (
        "VI_1 is BACKUP on ens33: no advert from anybody for 7.219 s, so it is ready to take over; "
        "but all of sync group VG_1 do it together, and VI_2 cannot yet"
    )
    driver.run(DOWN_100)
    assert states(node) == (MASTER, MASTER)


def test_who_hears_a_master_again_wants_no_more() -> None:
    """Else the group would take over from a master that one of its members still hears."""
    driver = Driver()
    node = add(driver, "lb02")
    driver.run(S * 3)
    driver.tell(node, received(inside(150), LB01))
    driver.run(S)  # VI_1 is ready since 3.609 s.
    driver.tell(node, received(outside(150), LB01))
    driver.run(S * 2 + MS * 700)  # VI_2 is ready since 6.609 s; VI_1 heard somebody at 4 s.
    assert states(node) == (BACKUP, BACKUP)
    driver.run(S * 2)
    assert states(node) == (MASTER, MASTER)


def test_a_weaker_master_on_one_link_moves_nothing_alone() -> None:
    """keepalived 2.2.7 too: a lower priority of one member is no reason for the others."""
    driver, lb01, lb02 = pair()
    driver.reload(lb01, outside(90), inside(150), groups=(GROUP,))
    driver.run(S * 20)
    assert (states(lb01), states(lb02)) == ((MASTER, MASTER), (BACKUP, BACKUP))
    driver.reload(lb01, outside(90), inside(90), groups=(GROUP,))
    driver.run(S * 5)
    assert (states(lb01), states(lb02)) == ((BACKUP, BACKUP), (MASTER, MASTER))


def test_priorities_that_contradict_each_other_end_with_one_master_of_all() -> None:
    """acassen/keepalived#624. The man page promises "constant re-elections"."""
    driver = Driver()
    lb01 = driver.add("lb01", LB01, outside(150), inside(50), groups=(GROUP,))
    lb02 = driver.add("lb02", LB02, outside(100), inside(100), groups=(GROUP,))
    driver.run(S * 30)
    lb01.forget()
    lb02.forget()
    driver.run(S * 60)
    assert sorted([states(lb01), states(lb02)], key=str) == [(BACKUP, BACKUP), (MASTER, MASTER)]
    assert lb01.effects(Notify) == lb02.effects(Notify) == []


def test_owners_are_master_as_soon_as_all_of_them_are() -> None:
    driver = Driver()
    node = add(driver, "lb02", 255)
    assert states(node) == (MASTER, MASTER)
    driver.carrier(node, ETH1, running=False)
    assert states(node) == (FAULT, FAULT)
    driver.carrier(node, ETH1, running=True)
    assert states(node) == (MASTER, MASTER)


def test_an_owner_waits_for_a_member_that_owns_nothing() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, outside(255), inside(100), groups=(GROUP,))
    assert states(node) == (BACKUP, BACKUP)
    driver.run(DOWN_100)
    assert states(node) == (MASTER, MASTER)


# ---- 2: MASTER no more ---------------------------------------------------------------------------


def test_a_stronger_master_on_one_link_ends_the_mastership_of_all() -> None:
    driver, lb01, _ = pair()
    driver.tell(lb01, received(outside(200), LB02))
    assert states(lb01) == (BACKUP, BACKUP)
    assert lb01.held == {}
    # VI_2 resigns: a peer that has no group takes over within its skew.
    assert [(e.interface, e.priority) for e in lb01.effects(SendAdvert)][-1:] == [(ETH1, 0)]
    assert groups_told(lb01) == [BACKUP]
    assert driver.view(lb01, "VI_2").cause == (
        "VI_1 of sync group VG_1 is not MASTER: 192.168.178.131 is MASTER with priority 200, "
        "above this node's 150"
    )


@pytest.mark.parametrize(
    "loss",
    [
        pytest.param(AddressLost(INSIDE.address, ETH1, LossBy.KERNEL), id="address-lapsed"),
        pytest.param(GateLapsed("VI_2", 1), id="gate-lapsed"),
        pytest.param(GrantFailed("VI_2", 1, "no room"), id="refused"),
    ],
)
def test_one_lost_lease_is_the_loss_of_all(loss: object) -> None:
    driver, lb01, lb02 = pair()
    driver.tell(lb01, loss)  # type: ignore[arg-type]
    assert states(lb01) == (BACKUP, BACKUP)
    assert lb01.held == {}
    driver.run(S * 2)
    assert states(lb02) == (MASTER, MASTER)


def test_a_master_of_all_that_slept_is_master_of_none() -> None:
    driver, lb01, lb02 = pair()
    lb01.frozen = True
    driver.run(S * 5)
    lb01.frozen = False
    driver.tell(lb01, TimerFired())
    assert states(lb01) == (BACKUP, BACKUP)
    assert states(lb02) == (MASTER, MASTER)


# ---- 1: FAULT ------------------------------------------------------------------------------------


def test_one_link_that_is_down_is_a_fault_of_all_and_the_peer_takes_over_all() -> None:
    driver, lb01, lb02 = pair()
    driver.carrier(lb01, ETH1, running=False)
    assert states(lb01) == (FAULT, FAULT)
    assert lb01.held == {}
    assert [(e.interface, e.priority) for e in lb01.effects(SendAdvert)] == [(ETH1, 0), (ETH, 0)]
    assert driver.view(lb01).why == (
        "VI_1 is FAULT on ens33, so it cannot be MASTER: VI_2 of sync group VG_1 is in FAULT: "
        "interface eth1 is down or has no carrier"
    )
    assert groups_told(lb01) == [FAULT]
    driver.run(S * 4)
    assert states(lb02) == (MASTER, MASTER)
    driver.carrier(lb01, ETH1, running=True)
    assert states(lb01) == (BACKUP, BACKUP)
    assert "interface eth1 is usable again" in lb01.sentences()[-3]
    well = "all of sync group VG_1 are well again: listening for a master first"
    assert lb01.sentences()[-2:] == [
        f"(VI_1) Entering BACKUP STATE (was FAULT): {well}",
        f"VRRP_Group(VG_1) Syncing instances to BACKUP state: {well}",
    ]
    driver.run(S * 4)
    assert (states(lb01), states(lb02)) == ((MASTER, MASTER), (BACKUP, BACKUP))


def test_the_fault_ends_with_the_last_one_that_ails() -> None:
    driver, lb01, _ = pair()
    driver.carrier(lb01, ETH1, running=False)
    driver.carrier(lb01, ETH, running=False)
    driver.carrier(lb01, ETH1, running=True)
    assert states(lb01) == (FAULT, FAULT)
    assert driver.view(lb01, "VI_2").why.endswith(
        "VI_1 of sync group VG_1 is in FAULT: interface ens33 is down or has no carrier"
    )
    driver.carrier(lb01, ETH, running=True)
    assert states(lb01) == (BACKUP, BACKUP)


def test_a_fault_at_the_start_is_one_of_all() -> None:
    driver = Driver()
    node = driver.add("lb02", None, outside(), inside(), groups=(GROUP,))
    driver.see_link(node, link(LB02))
    assert states(node) == (FAULT, FAULT)
    driver.see_link(node, link(LB02, ETH1))
    assert states(node) == (BACKUP, BACKUP)


def test_a_tracker_of_one_member_is_the_fault_of_all() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, outside(trackers=(tracks(),)), inside(), groups=(GROUP,))
    driver.run(S * 10)
    assert states(node) == (INITIALIZE, BACKUP)
    driver.tell(node, TrackerReported(CHECK, up=True))
    driver.run(S * 4)
    assert states(node) == (MASTER, MASTER)
    driver.tell(node, TrackerReported(CHECK, up=False, detail="exit 1"))
    assert states(node) == (FAULT, FAULT)
    driver.tell(node, TrackerReported(CHECK, up=True))
    assert states(node) == (BACKUP, BACKUP)


def test_one_that_may_not_speak_keeps_all_silent_until_it_tries_again() -> None:
    driver = Driver()
    node = add(driver, "lb02")
    driver.run(DOWN_100)
    driver.tell(node, AdvertSendFailed("VI_2", "Operation not permitted"))
    assert states(node) == (FAULT, FAULT)
    driver.carrier(node, running=True)
    assert states(node) == (FAULT, FAULT)
    driver.run(S * 61)
    assert states(node) == (BACKUP, BACKUP)


def test_a_link_that_comes_back_ends_the_wait_of_one_that_could_not_speak_on_it() -> None:
    """Found by the simulator: three in a group, two on one link, and the second was told last."""
    driver = Driver()
    third = instance(name="VI_3", interface=ETH1, virtual_router_id=53, addresses=())
    group = VrrpSyncGroup(name="VG_1", members=("VI_1", "VI_2", "VI_3"))
    node = driver.add("lb02", LB02, outside(), inside(), third, groups=(group,))
    driver.run(DOWN_100)
    driver.tell(node, AdvertSendFailed("VI_2", "Network is down"))
    driver.carrier(node, ETH1, running=False)
    assert [node.state(name) for name in group.members] == [FAULT] * 3
    driver.carrier(node, ETH1, running=True)
    assert [node.state(name) for name in group.members] == [BACKUP] * 3


def test_a_weaker_master_that_came_meanwhile_is_the_reason() -> None:
    """Found by the simulator: "nobody was heard" would promise the bound of a silent takeover."""
    driver = Driver()
    node = add(driver, "lb02")
    for _ in range(8):
        driver.tell(node, received(inside(150), LB01))
        driver.run(S)
    for config in (outside(50), inside(50)) * 4:
        driver.tell(node, received(config, LB01))
        driver.run(S // 2)
    assert states(node) == (MASTER, MASTER)
    assert driver.view(node).cause.startswith(f"{LB01} is MASTER with priority 50, below")


def test_one_that_loses_its_gate_is_not_renewed_behind_it() -> None:
    """Found by the simulator: one member's advert renewed another that had not been told yet."""
    driver = Driver()
    second = instance(name="VI_2", virtual_router_id=52, addresses=(VIP2,))
    node = driver.add("lb02", LB02, outside(), second, groups=(GROUP,))
    driver.tell(node, GateObserved(ETH, LeaseMode.BPF, hangs=True))
    driver.run(S * 4)
    assert states(node) == (MASTER, MASTER)
    node.forget()
    driver.run(MS * 500)
    driver.tell(node, GateObserved(ETH, LeaseMode.BPF, hangs=False, reason="taken"))
    driver.run(S * 3)
    assert node.effects(OpenGate) == []
    assert {e.instance for e in node.effects(RenewAddresses)} == {"VI_1", "VI_2"}


# ---- a network that is cut -----------------------------------------------------------------------


def test_a_link_that_carries_nothing_gives_nobody_a_half() -> None:
    driver, lb01, lb02 = pair()
    driver.dark.add(ETH1)
    driver.run(S * 30)
    assert (states(lb01), states(lb02)) == ((MASTER, MASTER), (BACKUP, BACKUP))
    lb01.frozen = True
    driver.run(S * 4)
    assert states(lb02) == (MASTER, MASTER)


# ---- 4: one term ---------------------------------------------------------------------------------


def hang(driver: Driver, node: Node) -> None:
    for interface in (ETH, ETH1):
        driver.tell(node, GateObserved(interface, LeaseMode.BPF, hangs=True))


def test_the_shortest_lease_is_that_of_all() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, outside(), inside(advert_interval=S * 5), groups=(GROUP,))
    hang(driver, node)
    driver.run(S * 20)
    assert states(node) == (MASTER, MASTER)
    grants = node.effects(GrantAddresses)
    assert {g.valid_until for g in grants} == {node.adverts()[0][0] + S * 3}
    for when, effect in node.log:
        if isinstance(effect, OpenGate):
            assert effect.until - when <= S * 3
    assert {driver.view(node, name).lease_s for name in ("VI_1", "VI_2")} == {3.0}
    # VI_2 says something each 5 s, and what VI_1 says each second prolongs its lease.
    for _ in range(20):
        assert all(until > driver.now for until in node.gates.values())
        driver.run(MS * 500)


def test_a_renewal_needs_the_adverts_of_all() -> None:
    """Those of VI_2 are refused: nothing of the group lasts longer than what VI_2 has earned."""
    driver = Driver()
    node = add(driver, "lb02")
    hang(driver, node)
    driver.run(DOWN_100)
    earned = driver.now
    for _ in range(2):
        driver.run(S)
        driver.tell(node, AdvertSendFailed("VI_2", "Operation not permitted"))
    late = {e.until for when, e in node.log if isinstance(e, OpenGate) and when > earned + S}
    assert all(until <= earned + S * 4 for until in late)
    driver.run(S)
    driver.tell(node, AdvertSendFailed("VI_2", "Operation not permitted"))
    assert states(node) == (FAULT, FAULT)


def test_lifetimes_are_as_short_as_the_shortest() -> None:
    driver = Driver()
    both = outside(lease=LeaseMode.ADDRESS), inside(advert_interval=S * 5, lease=LeaseMode.ADDRESS)
    node = driver.add("lb02", LB02, *both, groups=(GROUP,))
    driver.run(S * 40)
    assert {g.lease for g in node.effects(GrantAddresses)} == {S * 2}
    renewals = [e for e in node.effects(RenewAddresses) if e.instance == "VI_2"]
    assert len(renewals) >= 20
    assert {r.lease for r in renewals} == {S * 2}


def test_a_quick_neighbour_does_not_make_lifetimes_too_short_to_be_said() -> None:
    driver = Driver()
    quick = outside(version=VrrpVersion.V3, password=None, advert_interval=MS * 100)
    slow = inside(lease=LeaseMode.ADDRESS)
    node = driver.add("lb02", LB02, quick, slow, groups=(GROUP,))
    driver.tell(node, GateObserved(ETH, LeaseMode.BPF, hangs=True))
    driver.run(S * 10)
    assert states(node) == (MASTER, MASTER)
    at = [when for when, e in node.log if isinstance(e, RenewAddresses) and e.instance == "VI_2"]
    gaps = [later - earlier for earlier, later in pairwise(at)]
    assert gaps
    assert all(Duration.milliseconds(400) <= gap <= S for gap in gaps)


# ---- reload and stop -----------------------------------------------------------------------------


def test_a_group_that_a_reload_makes_of_two_masters_goes_on() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, outside(), inside())
    driver.run(S * 4)
    node.forget()
    driver.reload(node, outside(), inside(), groups=(GROUP,))
    driver.run(S * 3)
    assert states(node) == (MASTER, MASTER)
    assert "VRRP_Group(VG_1) added by the reload: VI_1, VI_2" in node.sentences()
    assert [p for _, p in node.adverts()] == [100] * 6


def test_a_group_that_a_reload_makes_of_one_master_has_none() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, outside(), inside())
    for _ in range(6):
        driver.run(S)
        driver.tell(node, received(inside(150), LB01))
    assert states(node) == (MASTER, BACKUP)
    driver.reload(node, outside(), inside(), groups=(GROUP,))
    assert states(node) == (BACKUP, BACKUP)


def test_a_reload_that_removes_the_group_frees_who_was_well() -> None:
    driver = Driver()
    node = driver.add("lb02", None, outside(), inside(), groups=(GROUP,))
    driver.see_link(node, link(LB02))
    assert states(node) == (FAULT, FAULT)
    driver.reload(node, outside(), inside())
    assert states(node) == (BACKUP, FAULT)
    assert "VRRP_Group(VG_1) removed by the reload" in node.sentences()
    driver.run(DOWN_100)
    assert states(node) == (MASTER, FAULT)


def test_a_member_that_a_reload_restarts_takes_the_others_with_it() -> None:
    driver, lb01, _ = pair()
    driver.reload(lb01, outside(150, virtual_router_id=61), inside(150), groups=(GROUP,))
    assert states(lb01) == (BACKUP, BACKUP)
    driver.run(S * 10)
    assert states(lb01) == (MASTER, MASTER)


def test_a_group_loses_a_member_and_the_others_go_on() -> None:
    driver, lb01, _ = pair()
    driver.reload(
        lb01, outside(150), inside(150), groups=(VrrpSyncGroup(name="VG_1", members=("VI_2",)),)
    )
    driver.run(S * 2)
    assert states(lb01) == (MASTER, MASTER)
    driver.carrier(lb01, ETH1, running=False)
    assert states(lb01) == (MASTER, FAULT)


def test_a_stop_ends_all_of_them_once() -> None:
    driver, lb01, lb02 = pair()
    driver.stop(lb01)
    assert states(lb01) == (INITIALIZE, INITIALIZE)
    assert [p for _, p in lb01.adverts()] == [0, 0]
    assert groups_told(lb01) == [INITIALIZE]
    driver.run(S)
    assert states(lb02) == (MASTER, MASTER)

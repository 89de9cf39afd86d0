"""A reload is a difference: what did not change loses nothing, and what did changes at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.engine.ready import Ready
from halod.engine.reload import plan_reload
from halod.model.address import VirtualAddress
from halod.model.effect import (
    AnnounceAddresses,
    GrantAddresses,
    RenewAddresses,
    RevokeAddresses,
    SendAdvert,
)
from halod.model.event import Granted, GrantFailed, Reconfigured
from halod.model.state import State
from halod.model.vrrp import LeaseMode, Password, VrrpInstance
from tests.kit.build import ETH, LB01, LB02, MS, VIP, VIP2, S, at, instance, received
from tests.kit.driver import Driver, Node

SKEW_100 = S * 156 // 256
DOWN_100 = S * 3 + SKEW_100


def backup() -> tuple[Driver, Node]:
    """A backup at 1.0 s that heard its master at 0.5 s."""
    driver = Driver()
    node = driver.add("lb02", LB02, instance())
    driver.run(MS * 500)
    driver.tell(node, received(instance(), LB01, 150))
    driver.run(MS * 500)
    node.forget()
    return driver, node


def master(config: VrrpInstance | None = None) -> tuple[Driver, Node]:
    """A master at 4.0 s, which is 0.39 s after its first advert."""
    driver = Driver()
    node = driver.add("lb02", LB02, config or instance())
    driver.run(S * 4)
    assert node.state() is State.MASTER
    node.forget()
    return driver, node


# ---- nothing changed ---------------------------------------------------------------------------


@pytest.mark.parametrize("make", [backup, master])
def test_the_same_configuration_does_nothing(make: Callable[[], tuple[Driver, Node]]) -> None:
    driver, node = make()
    deadline, view = node.engine.deadline(), driver.view(node)
    assert node.engine.handle(Reconfigured((instance(),)), driver.now) == Ready()
    assert node.engine.deadline() == deadline
    assert driver.view(node) == view


# ---- a backup ----------------------------------------------------------------------------------


@pytest.mark.parametrize("priority", [1, 99, 101, 254])
def test_a_priority_shifts_the_running_timer(priority: int) -> None:
    # keepalived: by the difference of the two skews.
    driver, node = backup()
    driver.reload(node, instance(priority=priority))
    assert node.engine.deadline() == at(0.5) + S * 3 + S * (256 - priority) // 256
    assert node.log == []


def test_a_timer_that_a_priority_shifts_into_the_past_fires_now() -> None:
    driver, node = backup()
    driver.reload(node, instance(priority=1))
    driver.run(S * 2 + MS * 900 + MS * 500)
    assert node.state() is State.BACKUP
    driver.reload(node, instance(priority=254))
    driver.run(MS)
    assert node.state() is State.MASTER


@pytest.mark.parametrize("interval_s", [1, 10])
def test_another_interval_starts_the_timer_anew(interval_s: int) -> None:
    """The others still advertise at the old one, and are refused until they are reloaded too."""
    driver = Driver()
    node = driver.add("lb02", LB02, instance(advert_interval=S * 5))
    driver.run(S * 12)
    driver.reload(node, instance(advert_interval=S * interval_s))
    assert node.engine.deadline() == driver.now + S * (3 * interval_s) + SKEW_100


def test_another_number_of_missed_adverts_starts_the_timer_anew() -> None:
    driver, node = backup()
    driver.reload(node, instance(down_timer_adverts=1))
    assert node.engine.deadline() == driver.now + S + SKEW_100


def test_a_password_counts_from_the_reload_on() -> None:
    driver, node = backup()
    theirs = instance(password=Password(b"2222"))
    driver.reload(node, theirs)
    driver.tell(node, received(theirs, LB01, 150))
    assert node.engine.deadline() == driver.now + DOWN_100
    assert "2222" not in " ".join(node.sentences())


def test_preemption_counts_from_the_reload_on() -> None:
    driver, node = backup()
    driver.reload(node, instance(preempt=False, priority=200))
    driver.run(S)
    driver.tell(node, received(instance(), LB01, 150))
    assert node.engine.deadline() == driver.now + S * 3 + S * 56 // 256


def test_what_a_faulty_instance_is_told_it_does_when_it_is_back() -> None:
    driver, node = backup()
    driver.carrier(node, running=False)
    driver.reload(node, instance(advert_interval=S * 2, priority=200))
    assert node.engine.deadline() is None
    driver.carrier(node, running=True)
    assert node.engine.deadline() == driver.now + S * 6 + S * 56 // 256


# ---- a master ----------------------------------------------------------------------------------


def test_a_priority_is_told_to_the_others_at_once() -> None:
    driver, node = master()
    driver.reload(node, instance(priority=90))
    assert node.adverts() == [(driver.now, 90)]
    assert node.state() is State.MASTER
    assert node.engine.deadline() == driver.now + S


def test_each_advert_of_a_master_renews_the_lease() -> None:
    """Without it the lease would run down by up to an interval more than it was reckoned for."""
    driver, node = master()
    driver.reload(node, instance(priority=90))
    assert len(node.effects(RenewAddresses)) == 1


def test_a_new_address_is_put_up_and_announced_and_the_old_one_left_alone() -> None:
    driver, node = master()
    driver.reload(node, instance(addresses=(VIP, VIP2)))
    assert [e.addresses for e in node.effects(GrantAddresses)] == [(VIP2,)]
    assert [e.addresses for e in node.effects(AnnounceAddresses)] == [(VIP2,)]
    assert node.effects(RevokeAddresses) == []
    assert node.held == {VIP: 1, VIP2: 1}


def test_a_removed_address_goes_and_the_other_is_left_alone() -> None:
    driver, node = master(instance(addresses=(VIP, VIP2)))
    driver.reload(node, instance(addresses=(VIP2,)))
    assert [e.addresses for e in node.effects(RevokeAddresses)] == [(VIP,)]
    assert node.effects(GrantAddresses) == []
    assert node.held == {VIP2: 1}


def test_a_changed_mask_replaces_the_address_in_that_order() -> None:
    wider = VirtualAddress(VIP.address, 32, ETH)
    driver, node = master()
    driver.reload(node, instance(addresses=(wider,)))
    kinds = [type(effect) for _, effect in node.log]
    assert kinds == [
        SendAdvert,
        RevokeAddresses,
        GrantAddresses,
        AnnounceAddresses,
        RenewAddresses,
    ]
    assert node.held == {wider: 1}


def test_the_order_of_addresses_is_advertised_and_nothing_else_is_done() -> None:
    driver, node = master(instance(addresses=(VIP, VIP2)))
    driver.reload(node, instance(addresses=(VIP2, VIP)))
    assert [type(effect) for _, effect in node.log] == [SendAdvert, RenewAddresses]
    assert node.sentences() == ["(VI_1) reloaded: addresses reordered"]


def test_an_operators_address_is_not_taken_down() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(addresses=(VIP, VIP2)))
    node.foreign.add(VIP2)
    driver.run(S * 4)
    node.forget()
    driver.reload(node, instance())
    assert [e.addresses for e in node.effects(RevokeAddresses)] == []


def test_another_interval_brings_another_lease() -> None:
    """Else adverts every 10 s would renew a lease of 2 s."""
    driver, node = master()
    driver.reload(node, instance(advert_interval=S * 10))
    assert [e.lease for e in node.effects(GrantAddresses)] == [S * 29]
    driver.run(S * 60)
    assert node.state() is State.MASTER
    assert {e.lease for e in node.effects(RenewAddresses)} == {S * 29}


@pytest.mark.parametrize(
    ("before", "after", "lease"),
    [(LeaseMode.OFF, LeaseMode.ADDRESS, S * 2), (LeaseMode.ADDRESS, LeaseMode.OFF, None)],
)
def test_a_lease_is_switched_on_and_off(before: LeaseMode, after: LeaseMode, lease: object) -> None:
    driver, node = master(instance(lease=before))
    driver.reload(node, instance(lease=after))
    assert [(e.addresses, e.lease) for e in node.effects(GrantAddresses)] == [((VIP,), lease)]
    assert node.announced() == []
    node.forget()
    driver.run(S * 2)
    assert len(node.effects(RenewAddresses)) == (0 if lease is None else 2)


def test_a_new_lease_leaves_an_operators_address_alone() -> None:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(addresses=(VIP, VIP2)))
    node.foreign.add(VIP2)
    driver.run(S * 4)
    node.forget()
    driver.reload(node, instance(addresses=(VIP, VIP2), advert_interval=S * 2))
    assert [e.addresses for e in node.effects(GrantAddresses)] == [(VIP,)]


# ---- other virtual routers ---------------------------------------------------------------------


def test_another_virtual_router_id_is_another_router() -> None:
    driver, node = master()
    driver.reload(node, instance(virtual_router_id=52))
    assert node.adverts() == [(driver.now, 0)]
    assert node.held == {}
    assert node.state() is State.BACKUP
    assert driver.view(node).virtual_router_id == 52
    driver.run(DOWN_100)
    assert node.state() is State.MASTER


def test_another_name_is_another_router_as_in_keepalived() -> None:
    driver, node = master()
    driver.reload(node, instance(name="VI_2"))
    assert node.adverts() == [(driver.now, 0)]
    assert node.state("VI_2") is State.BACKUP
    assert node.sentences()[-3:] == [
        "(VI_1) removed by the reload",
        "(VI_2) added by the reload",
        "(VI_2) Entering BACKUP STATE (was INIT): started: listening for a master first",
    ]


def test_a_report_on_the_router_before_does_not_concern_the_one_after() -> None:
    """Terms go on counting: a late report of the old one's first term is nobody's."""
    owner = instance(priority=255)
    driver = Driver()
    node = driver.add("lb02", LB02, owner)
    driver.reload(node, replace(owner, virtual_router_id=52))
    assert driver.view(node).state == "MASTER"
    driver.tell(node, GrantFailed("VI_1", 1, "late"))
    assert node.state() is State.MASTER
    assert driver.view(node).term == 2


def test_an_address_that_changes_its_instance_is_taken_down_before_it_is_put_up() -> None:
    driver = Driver()
    one = instance(name="VI_1", priority=255)
    other = instance(name="VI_2", priority=255, virtual_router_id=52, addresses=(VIP2,))
    node = driver.add("lb02", LB02, one, other)
    node.forget()
    swapped = replace(one, addresses=(VIP2,)), replace(other, addresses=(VIP,))
    driver.reload(node, *swapped)
    kinds = [type(e) for _, e in node.log if isinstance(e, GrantAddresses | RevokeAddresses)]
    assert kinds == [RevokeAddresses, RevokeAddresses, GrantAddresses, GrantAddresses]
    assert set(node.held) == {VIP, VIP2}


def test_two_instances_swap_their_virtual_router_ids() -> None:
    driver = Driver()
    one = instance(name="VI_1")
    other = instance(name="VI_2", virtual_router_id=52)
    node = driver.add("lb02", LB02, one, other)
    swapped = replace(one, virtual_router_id=52), replace(other, virtual_router_id=51)
    driver.reload(node, *swapped)
    driver.run(S)
    driver.tell(node, received(instance(), LB01, 150))
    assert driver.view(node, "VI_2").master == str(LB01)
    assert driver.view(node, "VI_1").master is None
    driver.run(S * 3)
    assert node.state("VI_1") is State.MASTER
    assert node.state("VI_2") is State.BACKUP


def test_a_new_instance_starts_and_an_old_one_goes() -> None:
    driver, node = master()
    other = instance(name="VI_2", virtual_router_id=52, addresses=(VIP2,))
    driver.reload(node, instance(), other)
    assert node.adverts() == []
    assert node.state("VI_2") is State.BACKUP
    driver.reload(node, other)
    assert dict(node.engine.states()) == {"VI_2": State.BACKUP}
    assert node.adverts() == [(driver.now, 0)]
    driver.tell(node, Granted("VI_1", 1))
    driver.run(S * 10)
    assert node.state("VI_2") is State.MASTER


def test_the_view_has_the_order_of_the_new_file() -> None:
    driver, node = master()
    other = instance(name="VI_0", virtual_router_id=52, addresses=(VIP2,))
    driver.reload(node, other, instance())
    assert [v.name for v in node.engine.view(driver.now).instances] == ["VI_0", "VI_1"]


def test_a_reload_on_the_way_out_starts_nothing() -> None:
    driver, node = master()
    driver.stop(node)
    driver.reload(node, instance(name="VI_2"))
    assert node.state("VI_2") is State.INITIALIZE
    assert node.engine.deadline() is None


# ---- the plan ----------------------------------------------------------------------------------

instances = st.builds(
    instance,
    virtual_router_id=st.integers(1, 3),
    priority=st.sampled_from([100, 150]),
    addresses=st.sampled_from([(VIP,), (VIP, VIP2)]),
)
configurations = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), instances), max_size=3).map(
    lambda pairs: tuple(replace(made, name=name) for name, made in dict(pairs).items())
)


@given(configurations, configurations)
def test_planning_again_after_the_plan_gives_nothing(
    before: tuple[VrrpInstance, ...], after: tuple[VrrpInstance, ...]
) -> None:
    running = {made.name: made for made in before}
    plan = plan_reload(running, after)
    for name, _ in plan.removed:
        del running[name]
    running |= {made.name: made for made, _ in plan.changed}
    running |= {made.name: made for made in plan.added}
    assert running == {made.name: made for made in after}
    again = plan_reload(running, after)
    assert (again.removed, again.changed, again.added) == ((), (), ())


def test_what_a_plan_says() -> None:
    changed = instance(
        priority=90, addresses=(VIP2,), password=Password(b"2222"), advert_interval=S
    )
    [(_, what)] = plan_reload({"VI_1": instance()}, (changed,)).changed
    assert what == (
        "reloaded: priority 100 -> 90, addresses -192.168.178.3 +192.168.178.4, password changed"
    )


def test_one_that_comes_back_with_a_later_reload_goes_on_counting() -> None:
    """A report on a term that was ended two reloads ago must not pass for one on the present."""
    owner = instance(priority=255)
    driver, node = master(owner)
    before = node.held[VIP]
    driver.reload(node)
    driver.reload(node, owner)
    assert node.held == {VIP: before + 1}
    driver.tell(node, GrantFailed("VI_1", before, "a report that is late"))
    assert dict(node.engine.states()) == {"VI_1": State.MASTER}

"""The rows of the state machine that a sync group brings, one scenario each.

Two instances on one link are enough: what ails the one is a check that it alone has.
"""

from __future__ import annotations

from collections.abc import Callable

from halod.model.event import TrackerReported
from halod.model.state import State
from halod.model.sync_group import VrrpSyncGroup
from halod.vrrp.table import Trigger
from tests.kit.build import CHECK, LB01, LB02, VIP2, S, instance, received, tracks
from tests.kit.driver import Driver, Node

__all__ = ["GROUP_SCENARIOS"]

INITIALIZE, BACKUP, MASTER, FAULT = State.INITIALIZE, State.BACKUP, State.MASTER, State.FAULT
OTHER = instance(name="VI_2", virtual_router_id=52, addresses=(VIP2,), trackers=(tracks(),))
GROUP = VrrpSyncGroup(name="VG_1", members=("VI_1", "VI_2"))


def two(driver: Driver) -> Node:
    """VI_1 waits for nothing, VI_2 for the first word of its check."""
    return driver.add("lb02", LB02, instance(), OTHER, groups=(GROUP,))


def check(driver: Driver, node: Node, *, up: bool) -> None:
    driver.tell(node, TrackerReported(CHECK, up))


def backups(driver: Driver) -> Node:
    node = two(driver)
    check(driver, node, up=True)
    assert (node.state(), node.state("VI_2")) == (BACKUP, BACKUP)
    return node


def masters(driver: Driver) -> Node:
    node = backups(driver)
    driver.run(S * 4)
    assert (node.state(), node.state("VI_2")) == (MASTER, MASTER)
    node.forget()
    return node


def one_that_is_ready_waits(driver: Driver) -> None:
    """keepalived: MASTER only if every member wants to be."""
    node = two(driver)
    driver.run(S * 10)
    assert node.state() is BACKUP
    assert node.engine.deadline() is not None
    assert "it is ready to take over" in driver.view(node).why


def all_become_master_together(driver: Driver) -> None:
    """keepalived: "Syncing instances to MASTER state"."""
    node = backups(driver)
    driver.run(S * 4)
    assert (node.state(), node.state("VI_2")) == (MASTER, MASTER)


def a_backup_goes_to_fault_with_the_others(driver: Driver) -> None:
    """keepalived: "Syncing instances to FAULT state"."""
    node = backups(driver)
    check(driver, node, up=False)
    assert node.state() is FAULT


def one_that_waits_goes_to_fault_with_the_others(driver: Driver) -> None:
    """keepalived: the same before it has begun."""
    first = instance(trackers=(tracks(),))
    second = instance(name="VI_2", interface="eth1", virtual_router_id=52, addresses=(VIP2,))
    node = driver.add("lb02", LB02, first, second, groups=(GROUP,))
    assert node.state() is INITIALIZE
    driver.carrier(node, "eth1", running=False)
    assert node.state() is FAULT


def a_master_resigns_with_the_others(driver: Driver) -> None:
    """keepalived: priority 0 on the links that still work."""
    node = masters(driver)
    check(driver, node, up=False)
    assert node.state() is FAULT
    assert [priority for _, priority in node.adverts()] == [0, 0]


def a_master_gives_up_with_the_others(driver: Driver) -> None:
    """keepalived: "Syncing instances to BACKUP state"."""
    node = masters(driver)
    driver.tell(node, received(OTHER, LB01, 200))
    assert node.state() is BACKUP
    assert [priority for _, priority in node.adverts()] == [100, 0]


def a_fault_ends_for_all(driver: Driver) -> None:
    """keepalived: to BACKUP, with the whole Master_Down_Timer."""
    node = masters(driver)
    check(driver, node, up=False)
    driver.run(S * 7)
    check(driver, node, up=True)
    assert node.state() is BACKUP


GROUP_SCENARIOS: dict[tuple[State, Trigger], Callable[[Driver], None]] = {
    (BACKUP, Trigger.READY): one_that_is_ready_waits,
    (BACKUP, Trigger.GROUP_AGREES): all_become_master_together,
    (BACKUP, Trigger.GROUP_FAULT): a_backup_goes_to_fault_with_the_others,
    (INITIALIZE, Trigger.GROUP_FAULT): one_that_waits_goes_to_fault_with_the_others,
    (MASTER, Trigger.GROUP_FAULT): a_master_resigns_with_the_others,
    (MASTER, Trigger.GROUP_LEFT): a_master_gives_up_with_the_others,
    (FAULT, Trigger.GROUP_WELL): a_fault_ends_for_all,
}

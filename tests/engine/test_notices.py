"""What operators' programs are told, in the order that the FIFO of keepalived 2.2.7 showed."""

from __future__ import annotations

from typing import Any

from halod.model.effect import Mention, Notify
from halod.model.event import (
    GrantFailed,
    LinkObserved,
    Reconfigured,
    StopRequested,
    TrackerReported,
)
from halod.model.notice import notice_of
from halod.model.notify_policy import NotifyPolicy
from tests.kit.build import CHECK, LB01, LB02, MS, S, instance, link, received, tracks
from tests.kit.driver import Driver, Node


def told(node: Node) -> list[tuple[str, int]]:
    """Occasion and priority of all that was told."""
    notices = [notice_of(e) for _, e in node.log if isinstance(e, Notify | Mention)]
    return [(n.occasion.value, n.priority) for n in notices if n is not None]


def lone(**more: Any) -> tuple[Driver, Node]:
    driver = Driver()
    node = driver.add("lb02", LB02, instance(priority=100, **more))
    return driver, node


def test_a_start_a_takeover_and_a_stop() -> None:
    driver, node = lone()
    driver.run(S * 4)
    driver.tell(node, StopRequested())
    assert told(node) == [("BACKUP", 100), ("MASTER", 100), ("STOP", 100)]


def test_a_lost_link() -> None:
    driver, node = lone()
    driver.run(S * 4)
    driver.tell(node, LinkObserved(link(LB02, running=False)))
    driver.tell(node, LinkObserved(link(LB02)))
    assert told(node)[2:] == [("FAULT", 100), ("BACKUP", 100)]


def test_an_instance_that_a_reload_removes_is_deleted() -> None:
    driver, node = lone()
    driver.run(S * 4)
    driver.tell(node, Reconfigured(()))
    assert told(node)[2:] == [("DELETED", 100)]


def test_one_that_a_reload_restarts_is_deleted_and_starts() -> None:
    driver, node = lone()
    driver.run(S * 4)
    driver.tell(node, Reconfigured((instance(priority=100, virtual_router_id=52),)))
    assert told(node)[2:] == [("DELETED", 100), ("BACKUP", 100)]


def test_addresses_that_are_refused_are_a_backup() -> None:
    driver, node = lone()
    driver.run(S * 4)
    driver.tell(node, GrantFailed("VI_1", 1, "full"))
    assert told(node)[2:] == [("BACKUP", 100)]


def test_a_weaker_master_is_told_once_an_answer() -> None:
    driver, node = lone()
    driver.run(S * 20 + MS * 7)
    node.forget()
    for _ in range(3):
        driver.tell(node, received(instance(), LB01, 90))
    assert told(node) == [("MASTER_RX_LOWER_PRI", 100)]


def test_a_weaker_master_that_resigns_is_no_rival() -> None:
    driver, node = lone()
    driver.run(S * 20 + MS * 7)
    node.forget()
    driver.tell(node, received(instance(), LB01, 0))
    assert told(node) == []


def test_a_priority_that_moves_is_told_where_that_is_asked_for() -> None:
    for asked in (True, False):
        policy = NotifyPolicy(priority_changes=asked)
        driver, node = lone(trackers=(tracks(-20),), notify=policy)
        driver.tell(node, TrackerReported(CHECK, up=True))
        driver.tell(node, TrackerReported(CHECK, up=False))
        driver.run(S * 4)
        driver.tell(node, TrackerReported(CHECK, up=True))
        states = [("BACKUP", 100), ("MASTER", 80)]
        moves = [("BACKUP_PRIORITY", 80), ("MASTER_PRIORITY", 100)]
        wanted = [states[0], moves[0], states[1], moves[1]] if asked else states
        assert told(node) == wanted

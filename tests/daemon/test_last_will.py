"""What a heartbeat may have left: read from its vitals, whichever configuration it ran last."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from halod.daemon.last_will import Estate, estate_of
from halod.daemon.vitals import Vitals
from halod.model.configuration import Configuration
from halod.model.state import State
from tests.kit.build import instance

A, B, C = (instance(name=name, virtual_router_id=i) for i, name in enumerate("ABC", 1))
RUNNING = Configuration(instances=(A, B))
PENDING = Configuration(instances=(C, B))
MASTER, BACKUP = State.MASTER, State.BACKUP


@pytest.fixture
def vitals() -> Iterator[Vitals]:
    made = Vitals.create()
    yield made
    made.close()


def test_states_are_in_the_order_of_the_file(vitals: Vitals) -> None:
    vitals.publish(1, [BACKUP, MASTER])
    assert estate_of(vitals, RUNNING, None, 1) == Estate((B,), (A, B))


def test_before_a_reload_is_taken_up_they_are_in_the_order_of_the_old_one(vitals: Vitals) -> None:
    vitals.publish(1, [MASTER, BACKUP])
    assert estate_of(vitals, RUNNING, PENDING, 2) == Estate((A,), (A, B, C, B))


def test_afterwards_in_that_of_the_new_one_though_nobody_has_said_so(vitals: Vitals) -> None:
    """It died between taking it up and telling: the new instance must be spoken for."""
    vitals.publish(2, [MASTER, BACKUP])
    assert estate_of(vitals, RUNNING, PENDING, 2) == Estate((C,), (A, B, C, B))


def test_one_that_has_published_nothing_was_no_master(vitals: Vitals) -> None:
    assert estate_of(vitals, RUNNING, None, 1).masters == ()


def test_one_that_may_live_speaks_for_itself(vitals: Vitals) -> None:
    vitals.publish(1, [MASTER, MASTER])
    estate = estate_of(vitals, RUNNING, None, 1).without_masters()
    assert estate == Estate((), (A, B))

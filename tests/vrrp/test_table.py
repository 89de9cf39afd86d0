"""The table is total, each state can be reached, and nothing in it is dead."""

from itertools import product

import pytest

from halod.model.state import State
from halod.vrrp.table import ON_ENTER, ON_EXIT, TRANSITIONS, Action, Trigger

LIVE = {key: row for key, row in TRANSITIONS.items() if row.actions or row.state is not key[0]}


def test_every_state_and_trigger_has_a_row() -> None:
    assert set(TRANSITIONS) == set(product(State, Trigger))


def test_every_row_says_why() -> None:
    assert all(row.reason for row in TRANSITIONS.values())


def test_every_state_says_what_is_done_on_the_way_in_and_out() -> None:
    assert set(ON_ENTER) == set(ON_EXIT) == set(State)


def test_every_state_is_reached_and_left() -> None:
    reached = {State.INITIALIZE}
    while True:
        more = {row.state for (state, _), row in TRANSITIONS.items() if state in reached}
        if more <= reached:
            break
        reached |= more
    assert reached == set(State)
    assert {state for (state, _), row in LIVE.items() if row.state is not state} == set(State)


@pytest.mark.parametrize("trigger", Trigger)
def test_every_trigger_means_something_somewhere(trigger: Trigger) -> None:
    assert any(key[1] is trigger for key in LIVE)


@pytest.mark.parametrize("action", Action)
def test_every_action_is_used(action: Action) -> None:
    rows = [row.actions for row in TRANSITIONS.values()]
    after = [row.after for row in TRANSITIONS.values()]
    assert any(
        action in actions for actions in [*rows, *after, *ON_ENTER.values(), *ON_EXIT.values()]
    )


def test_every_state_can_be_stopped() -> None:
    # RFC 9568, 6.4: a Shutdown event leads to Initialize from everywhere.
    assert {TRANSITIONS[state, Trigger.SHUTDOWN].state for state in State} == {State.INITIALIZE}


@pytest.mark.parametrize("trigger", Trigger)
def test_only_a_master_gives_addresses_up_and_it_always_does(trigger: Trigger) -> None:
    row = TRANSITIONS[State.MASTER, trigger]
    assert row.state is State.MASTER or Action.REVOKE in ON_EXIT[State.MASTER]
    assert all(Action.REVOKE not in ON_EXIT[state] for state in State if state is not State.MASTER)


@pytest.mark.parametrize(
    "key", [key for key, row in LIVE.items() if key[0] is State.MASTER and row.state is not key[0]]
)
def test_a_master_never_leaves_in_silence(key: tuple[State, Trigger]) -> None:
    """Others hear priority 0, or, where a stronger one is there, one last advert.

    An owner that slept is master again at once: its advert follows in the same breath. One whose
    adverts the kernel refuses has no voice to say it with.
    """
    said = {Action.SEND_RESIGNATION, Action.SEND_ADVERT} & set(TRANSITIONS[key].actions)
    assert said or key[1] in (Trigger.OVERSLEPT_OWNER, Trigger.MUTE)

"""The page on the state machine is drawn from the table as it is now."""

import pytest
from tools.draw_state_machine import PAGE, render

from halod.model.state import State
from halod.vrrp.table import TRANSITIONS, Action, Row, Trigger


def test_the_page_is_what_the_table_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == render(page), "stale: run python tools/draw_state_machine.py"


def test_another_table_would_be_another_page(monkeypatch: pytest.MonkeyPatch) -> None:
    page = PAGE.read_text(encoding="utf-8")
    changed = dict(TRANSITIONS)
    changed[State.FAULT, Trigger.ADVERT_DUE] = Row(State.MASTER, (Action.GRANT,), "nowhere")
    monkeypatch.setattr("tools.draw_state_machine.TRANSITIONS", changed)
    assert "FAULT --> MASTER: Adver_Timer fired" in render(page)


def test_every_trigger_and_state_is_on_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert all(trigger.value in page for trigger in Trigger)
    assert all(f"| {state.value} |" in page for state in State)

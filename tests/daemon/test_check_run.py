"""When a check script is due."""

from __future__ import annotations

import pytest

from halod.daemon.check_run import next_turn


def test_a_late_start_makes_no_later_one_late() -> None:
    due = 100.0
    for turn in range(1, 1001):
        ended = due + 0.3 + 0.01  # began late, ran for a while
        due, left_out = next_turn(due, 1.0, ended)
        assert (due, left_out) == (100.0 + turn, 0)


@pytest.mark.parametrize(
    ("took_s", "wanted"),
    [(0.0, (1.0, 0)), (0.99, (1.0, 0)), (1.0, (2.0, 1)), (1.2, (2.0, 1)), (3.5, (4.0, 3))],
)
def test_what_would_have_begun_while_it_ran_is_left_out(
    took_s: float, wanted: tuple[float, int]
) -> None:
    assert next_turn(0.0, 1.0, took_s) == wanted

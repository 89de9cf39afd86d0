"""How late things were, in buckets: beside a list that is simply sorted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.lateness import Lateness, LatenessView

MS = 1_000_000
HOUR_NS = 3600 * 10**9
latenesses = st.lists(st.integers(0, HOUR_NS), min_size=1, max_size=300)


def figure(*late_ns: int, budget_ns: int = HOUR_NS) -> Lateness:
    made = Lateness()
    for one in late_ns:
        made.add(one, budget_ns)
    return made


def test_nothing_was_due_and_nothing_is_shown() -> None:
    assert Lateness().view() == LatenessView(0, None, None, None, 0)


@given(latenesses)
def test_a_quantile_is_at_most_a_quarter_and_a_microsecond_too_high(late: list[int]) -> None:
    view = figure(*late).view()
    ordered = sorted(late)
    for shown, percent in ((view.p50_s, 50), (view.p99_s, 99)):
        true_ns = ordered[-(-len(late) * percent // 100) - 1]
        assert shown is not None
        assert true_ns <= shown * 1e9 + 1 <= true_ns * 1.25 + 1002
    assert view.count == len(late)
    assert view.max_s == ordered[-1] / 1e9


@given(latenesses, latenesses)
def test_two_as_one_are_what_one_would_have_counted(one: list[int], other: list[int]) -> None:
    assert figure(*one).view(figure(*other)) == figure(*one, *other).view()


@pytest.mark.parametrize("late_ns", [-5, 0, 1, 10**18])
def test_what_is_early_and_what_is_later_than_any_bucket_is_counted(late_ns: int) -> None:
    view = figure(late_ns).view()
    assert view.count == 1
    assert view.max_s == max(0, late_ns) / 1e9


def test_a_budget_is_kept_to_its_last_nanosecond() -> None:
    late = figure(9 * MS, 10 * MS, budget_ns=10 * MS)
    assert (late.broken, late.broken_by_ns) == (0, 0)
    late.add(10 * MS + 1, 10 * MS)
    late.add(30 * MS, 10 * MS)
    late.add(12 * MS, 20 * MS)
    assert (late.broken, late.broken_by_ns) == (2, 30 * MS)
    assert late.view().over_budget == 2

"""Rise and fall: only results in a row count, and the first one decides alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from halod.vrrp.check_result import CheckResult

RESULTS = st.lists(st.booleans(), max_size=60)
COUNTS = st.integers(1, 6)


def played(results: list[bool], rise: int, fall: int) -> tuple[CheckResult, list[bool]]:
    check = CheckResult(rise, fall)
    return check, [check.take(success=result) for result in results]


def dumb(results: list[bool], rise: int, fall: int) -> bool | None:
    """The same from the whole history: the last run of equal results that was long enough."""
    up: bool | None = None
    for at, result in enumerate(results, start=1):
        if up is None:
            up = result
        needed = rise if result else fall
        if at >= needed and all(each == result for each in results[at - needed : at]):
            up = result
    return up


@given(RESULTS, COUNTS, COUNTS)
def test_it_is_what_its_history_says(results: list[bool], rise: int, fall: int) -> None:
    check, _ = played(results, rise, fall)
    assert check.heard == bool(results)
    if results:
        assert check.up == dumb(results, rise, fall)


@given(RESULTS, COUNTS, COUNTS)
def test_a_change_is_told_when_it_happens_and_not_else(
    results: list[bool], rise: int, fall: int
) -> None:
    check = CheckResult(rise, fall)
    shown: bool | None = None
    for result in results:
        changed = check.take(success=result)
        assert changed == (check.up != shown)
        shown = check.up


def test_the_first_result_decides_whatever_rise_and_fall_are() -> None:
    for success in (True, False):
        check, changes = played([success], 5, 5)
        assert changes == [True]
        assert check.up == success


def test_it_counts_as_failing_until_the_first_result_if_it_shall() -> None:
    check = CheckResult(3, 3)
    check.fail_from_start()
    assert check.heard
    assert not check.up
    assert check.take(success=True), "keepalived 2.2.7: one success is enough here too"
    assert check.up


def test_failures_that_are_interrupted_do_not_add_up() -> None:
    check, _ = played([True, False, False, True, False, False], 1, 3)
    assert check.up
    assert check.towards == (2, 3)
    assert check.take(success=False)
    assert not check.up


def test_successes_that_are_interrupted_do_not_add_up() -> None:
    check, _ = played([False, True, True, False, True, True], 3, 1)
    assert not check.up
    assert check.towards == (2, 3)
    assert check.take(success=True)


def test_who_counts_on_needs_as_many_results_as_before() -> None:
    for up in (True, False):
        check = CheckResult(2, 2)
        check.resume(up=up)
        assert not check.take(success=not up)
        assert check.up == up
        assert check.take(success=not up)

"""When a child counts as hung, and when it has died too often."""

from __future__ import annotations

from halod.daemon.watch import HANG_TICKS, START_TICKS, CrashLimit, HangWatch
from tests.kit.build import at


def looks_until_hung(watch: HangWatch, pulse: int) -> int:
    """How many looks in a row at this pulse it takes."""
    return next(count for count in range(1, 10_000) if watch.look(pulse))


def test_a_pulse_that_stands_still_hangs() -> None:
    watch = HangWatch()
    assert not watch.look(7)
    assert looks_until_hung(watch, 7) == HANG_TICKS


def test_each_new_pulse_counts_anew() -> None:
    watch = HangWatch()
    for pulse in range(1, 50):
        assert not any(watch.look(pulse) for _ in range(HANG_TICKS))


def test_a_child_that_starts_slowly_is_given_time() -> None:
    watch = HangWatch()
    watch.restart()
    assert looks_until_hung(watch, 0) == START_TICKS
    assert START_TICKS > 5 * HANG_TICKS


def test_a_restart_forgets_the_child_before() -> None:
    watch = HangWatch()
    watch.look(7)
    for _ in range(HANG_TICKS - 1):
        assert not watch.look(7)
    watch.restart()
    assert not watch.look(7)


def test_the_third_crash_within_a_minute_is_the_last() -> None:
    limit = CrashLimit()
    assert limit.may_restart(at(0))
    assert limit.may_restart(at(30))
    assert not limit.may_restart(at(59.9))


def test_crashes_of_long_ago_do_not_count() -> None:
    limit = CrashLimit()
    assert all(limit.may_restart(at(31 * number)) for number in range(20))

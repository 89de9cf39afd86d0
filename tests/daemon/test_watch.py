"""When a child counts as hung, and when it has died too often."""

from __future__ import annotations

import os
import time

import pytest

from halod.daemon.stall_watch import StallWatch
from halod.daemon.watch import (
    HANG_TICKS,
    SPARE_TICKS,
    START_TICKS,
    CrashLimit,
    HangWatch,
    stood_still,
)
from halod.kernel.core_time import accounted_s, core_of, read_accounted_s
from halod.model.fact import Severity
from tests.kit.build import at

STAT = """cpu  51037 1926 9164 53488 1758 0 3492 150 7 0
cpu0 25037 926 4164 26488 758 0 1492 50 7 0
cpu1 26000 1000 5000 27000 1000 0 2000 100 0 0
intr 1 2 3
btime 1764227264
"""
"""proc(5). guest, the ninth column, is counted in user already."""


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


def test_what_a_core_accounts_for_is_all_of_its_time_once() -> None:
    tick_s = 1 / os.sysconf("SC_CLK_TCK")
    assert accounted_s(STAT) == {0: pytest.approx(58915 * tick_s), 1: pytest.approx(62100 * tick_s)}


def test_cores_that_run_account_for_their_time() -> None:
    """Of this machine, busy or idle: at least one core, over half a second."""
    before_s, began = read_accounted_s(), time.monotonic()
    time.sleep(0.5)
    after_s, elapsed_s = read_accounted_s(), time.monotonic() - began
    assert set(before_s) == set(after_s) >= os.sched_getaffinity(0)
    assert not all(stood_still(before_s[core], after_s[core], elapsed_s) for core in before_s)


def test_the_core_of_a_process_is_known_until_it_is_gone() -> None:
    assert core_of(os.getpid()) in os.sched_getaffinity(0)
    assert core_of(2**22 + 1) is None


@pytest.mark.parametrize(("accounted", "still"), [(0.06, True), (0.3, True), (0.5, False)])
def test_a_core_that_accounts_for_little_stood_still(accounted: float, still: bool) -> None:
    """0.06 s of 1.47 s were seen."""
    assert stood_still(100.0, 100.0 + accounted, 1.47) is still


class Machine:
    """Cores whose account grows or does not."""

    def __init__(self, *, runs: bool) -> None:
        self.runs = runs
        self.said: list[str] = []

    def read(self) -> dict[int, float]:
        seconds = time.monotonic() if self.runs else 1.0
        return dict.fromkeys(range(os.cpu_count() or 1), seconds)

    def tell(self, severity: Severity, text: str) -> None:
        self.said.append(f"{severity.name} {text}")


def test_a_child_whose_core_stands_still_is_waited_for_and_that_is_told_once() -> None:
    machine = Machine(runs=False)
    watch = StallWatch(machine.tell, machine.read)
    pid = os.getpid()
    assert not watch.look(pid, 7)
    looks = next(count for count in range(1, 1000) if watch.look(pid, 7))
    assert looks == HANG_TICKS + SPARE_TICKS
    (line,) = machine.said
    assert line.startswith(f"WARNING heartbeat process {pid} gets no processor: core ")


def test_a_child_that_comes_back_is_watched_as_before() -> None:
    machine = Machine(runs=False)
    watch = StallWatch(machine.tell, machine.read)
    for pulse in range(1, 10):
        assert not any(watch.look(os.getpid(), pulse) for _ in range(HANG_TICKS + SPARE_TICKS))
    assert len(machine.said) == 9


def test_a_child_that_hangs_on_a_core_that_runs_is_hung_at_once() -> None:
    machine = Machine(runs=True)
    watch = StallWatch(machine.tell, machine.read)
    assert not watch.look(os.getpid(), 7)
    assert next(n for n in range(1, 1000) if watch.look(os.getpid(), 7)) == HANG_TICKS
    assert machine.said == []

"""The timer fires at its instant: not before, and not long after."""

import os
import time
from collections.abc import Iterator

import pytest

from halod.kernel.clock import Timer, boot_now
from halod.model.units import Duration, Instant
from tests.kit.host import wait_readable

MS = Duration.milliseconds(1)


@pytest.fixture
def timer() -> Iterator[Timer]:
    made = Timer()
    yield made
    made.close()


def fires(timer: Timer, within_s: float) -> bool:
    return wait_readable(timer.fileno(), within_s)


def test_the_clock_counts_while_the_machine_sleeps() -> None:
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    now = boot_now().ns
    assert before <= now <= time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def test_a_deadline_is_kept_to_less_than_a_millisecond(timer: Timer) -> None:
    """asyncio would round up to whole milliseconds; half of 41 deadlines may be disturbed."""
    lateness: list[int] = []
    for number in range(41):
        deadline = boot_now() + Duration(1_300_000 + 17_000 * number)
        timer.arm(deadline)
        assert fires(timer, 5)
        lateness.append((boot_now() - deadline).ns)
        timer.acknowledge()
    assert min(lateness) >= 0, "never early"
    assert sorted(lateness)[20] < 900_000


def test_a_deadline_that_has_passed_fires_at_once(timer: Timer) -> None:
    timer.arm(boot_now() - Duration.seconds(5))
    assert fires(timer, 0.5)
    timer.acknowledge()
    timer.arm(Instant(0))
    assert fires(timer, 0.5), "zero would disarm it"


def test_none_disarms(timer: Timer) -> None:
    timer.arm(boot_now() + MS * 20)
    timer.arm(None)
    assert not fires(timer, 0.05)


def test_another_deadline_takes_the_place_of_the_first(timer: Timer) -> None:
    timer.arm(boot_now() + Duration.seconds(60))
    timer.arm(boot_now() + MS)
    assert fires(timer, 5)


def test_it_is_readable_until_it_is_acknowledged(timer: Timer) -> None:
    timer.arm(boot_now())
    assert fires(timer, 5)
    assert fires(timer, 0)
    timer.acknowledge()
    assert not fires(timer, 0)
    timer.acknowledge()


def test_the_same_deadline_can_be_armed_again_after_it_fired(timer: Timer) -> None:
    deadline = boot_now()
    for _ in range(2):
        timer.arm(deadline)
        assert fires(timer, 5)
        timer.acknowledge()


def test_a_timer_gives_its_descriptor_back() -> None:
    before = len(os.listdir("/proc/self/fd"))
    Timer().close()
    assert len(os.listdir("/proc/self/fd")) == before

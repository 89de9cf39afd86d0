"""When a broken budget is told, and what a node says that was late."""

from __future__ import annotations

import signal

import pytest

from halod.daemon.punctuality import Punctuality, advert_budget, timer_budget
from halod.lab.patience import wait_until
from halod.model.lateness import Lateness
from halod.model.units import Duration
from tests.kit.build import at, instance
from tests.kit.node import Node, config

MS = 1_000_000
TIMER, ADVERT, RENEWAL = "late timer", "late advert", "late renewal"


def watching(interval: Duration) -> tuple[Punctuality, Lateness]:
    """Budgets of an instance at that interval, and the renewals of a thread."""
    punctuality, of_a_thread = Punctuality(), Lateness()
    punctuality.watch([of_a_thread])
    punctuality.adopt(
        [instance(advert_interval=Duration.seconds(40)), instance(advert_interval=interval)]
    )
    return punctuality, of_a_thread


@pytest.mark.parametrize(
    ("interval_ms", "timer_ms", "advert_ms"),
    [(10, 5, 5), (20, 5, 10), (100, 10, 50), (1000, 20, 500), (40_950, 20, 20_475)],
)
def test_a_budget_follows_the_interval_within_limits(
    interval_ms: int, timer_ms: int, advert_ms: int
) -> None:
    interval = Duration.milliseconds(interval_ms)
    assert timer_budget(interval) == Duration.milliseconds(timer_ms)
    assert advert_budget(interval) == Duration.milliseconds(advert_ms)


def test_the_fastest_instance_sets_the_budget() -> None:
    punctuality, _ = watching(Duration.milliseconds(100))
    assert punctuality.timer_budget_ns == 10 * MS
    punctuality.adopt([])
    assert punctuality.timer_budget_ns == 10 * MS, "of nobody, there is nothing to be late for"


def test_what_keeps_its_budget_is_not_told() -> None:
    punctuality, _ = watching(Duration.milliseconds(100))
    punctuality.timer.add(10 * MS, punctuality.timer_budget_ns)
    assert list(punctuality.news(at(1))) == []


def test_a_broken_budget_is_told_once_a_minute_and_when_it_is_over() -> None:
    punctuality, of_a_thread = watching(Duration.milliseconds(100))
    of_a_thread.add(64 * MS, 50 * MS)
    ((subject, line),) = punctuality.news(at(1))
    assert subject == RENEWAL
    assert line == (
        "64.0 ms after its time, budget 50.0 ms (half an advert interval; of a lifetime behind a "
        "gate 3 s): a renewal that waits longer counts no more; something holds the kernel's lock"
    )
    for second in (2, 30):
        of_a_thread.add(70 * MS, 50 * MS)
        assert list(punctuality.news(at(second))) == []
    ((subject, line),) = punctuality.news(at(61))
    assert (subject, line.partition(":")[0][-7:]) == (RENEWAL, "2 times")
    assert list(punctuality.news(at(89))) == []
    assert list(punctuality.news(at(90))) == [(RENEWAL, "")]
    assert list(punctuality.news(at(300))) == []


def test_each_figure_is_told_for_itself() -> None:
    punctuality, _ = watching(Duration.milliseconds(100))
    punctuality.timer.add(11 * MS, punctuality.timer_budget_ns)
    punctuality.advert.add(51 * MS, punctuality.advert_budget_ns)
    assert [subject for subject, _ in punctuality.news(at(1))] == [TIMER, ADVERT]


def test_renewals_of_loop_and_threads_are_shown_as_one() -> None:
    punctuality, of_a_thread = watching(Duration.milliseconds(100))
    punctuality.renewal.add(1 * MS, 50 * MS)
    of_a_thread.add(60 * MS, 50 * MS)
    shown = punctuality.view()["renewal"]
    assert (shown["count"], shown["max_s"], shown["over_budget"]) == (2, 0.06, 1)
    assert shown["budget_s"] == 0.05


@pytest.mark.needs_netns
def test_a_node_that_others_kept_from_the_processor_says_so(node: Node) -> None:
    node.config_file.write_text(config().replace("advert_int 1", "version 3\nadvert_int 0.1"))
    node.start()
    node.wait_state("MASTER")
    node.heartbeat.send(signal.SIGSTOP)
    # Two intervals: long enough for a timer to be missed, and too short for the supervisor to act.
    assert not wait_until(lambda: False, 0.2)
    node.heartbeat.send(signal.SIGCONT)
    node.wait_log("warning late timer: ")
    node.wait_log(" ms after its time, budget 10.0 ms")
    lateness = node.status()["lateness"]
    assert lateness["timer"]["over_budget"] >= 1
    assert 0.1 <= lateness["timer"]["max_s"] <= lateness["advert"]["max_s"]
    assert lateness["renewal"]["count"] > 0
    shown = node.haloctl("status").stdout
    (line,) = [line for line in shown.splitlines() if line.startswith("late (")]
    assert [name for name in ("timer", "advert", "renewal") if f"{name} " not in line] == []
    assert "over 10)" in line
    assert "note: late timer: " in shown

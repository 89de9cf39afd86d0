"""The guard fails where a ratio is broken, and not where the machine was busy once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import pytest
from bench.guard import Check, Round, checks, judge_load, passes

from bench import guard
from tests.bench.test_goals import LOAD

LIMIT = 1.2


def check_of(ratios: Sequence[float], asked: list[int]) -> Check:
    """One that measures these, in turn."""

    def check(rounds: int) -> tuple[str, list[str]]:
        asked.append(rounds)
        found = median(ratios[:rounds])
        return f"{found:.2f}", [f"{found:.2f} is above {LIMIT}"] if found > LIMIT else []

    return check


@pytest.mark.parametrize(
    ("ratios", "rounds", "expected"),
    [
        ((1.1, 9, 9, 9, 9), [1], True),
        ((1.9, 1.1, 1.0, 9, 9), [1, 3], True),
        ((1.9, 1.1, 1.3, 1.1, 1.0), [1, 3, 5], True),
        ((1.3, 1.1, 1.3, 1.1, 1.3), [1, 3, 5], False),
        ((1.3, 1.3, 1.3, 1.1, 1.1), [1, 3, 5], False),
    ],
)
def test_only_a_median_that_breaks_fails(
    ratios: Sequence[float], rounds: list[int], *, expected: bool
) -> None:
    asked: list[int] = []
    assert passes("cost", check_of(ratios, asked)) is expected
    assert asked == rounds


def test_what_is_broken_is_told_and_is_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, whole = check_of([1.3] * 5, []), check_of([1.0] * 5, [])
    monkeypatch.setattr(guard, "checks", lambda: [("cost", broken), ("outage", whole)])
    assert guard.main() == 1
    told = capsys.readouterr().out
    assert "  broken: 1.30 is above 1.2\n" in told
    assert told.endswith("failed: cost\n")
    monkeypatch.setattr(guard, "checks", lambda: [("outage", whole)])
    assert guard.main() == 0


def test_it_looks_at_cost_and_at_two_faults_at_two_paces() -> None:
    assert [name for name, _ in checks()] == [
        "255 instances at v3 0.1 s",
        "SIGTERM at v2 1 s",
        "SIGKILL of the VRRP child at v2 1 s",
        "SIGTERM at v3 0.1 s",
        "SIGKILL of the VRRP child at v3 0.1 s",
    ]


def round_of(ratio: float, idle: float) -> Round:
    return Round({"halod": replace(LOAD, sent_us=36 * ratio), "keepalived": LOAD}, idle)


@pytest.mark.parametrize(
    ("rounds", "broken"),
    [
        ([(1.49, 0.7)], 0),
        ([(1.55, 0.7)], 1),
        ([(1.55, 0.1)], 0),
        ([(2.10, 0.1)], 1),
        ([(2.10, 0.1), (1.1, 0.7)], 0),
        ([(1.10, 0.1), (1.10, 0.1), (1.6, 0.7)], 1),
    ],
    ids=["quiet", "quiet, broken", "busy", "busy, broken", "a quiet one counts", "and breaks"],
)
def test_a_busy_machine_has_wider_limits_and_a_quiet_round_counts_more(
    rounds: Sequence[tuple[float, float]], broken: int
) -> None:
    text, found = judge_load([round_of(*one) for one in rounds])
    assert len(found) == broken
    assert ("busy: " in text) == all(idle < 0.5 for _, idle in rounds)


def test_memory_has_no_wider_limit() -> None:
    fat = Round({"halod": replace(LOAD, daemon_pss_mib=46.0), "keepalived": LOAD}, idle=0.0)
    assert len(judge_load([fat])[1]) == 1

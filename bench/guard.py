"""The ratios of `make bench` that may not break, in about a minute: `python -m bench.guard`.

    255 instances at 0.1 s: processor time an advert sent and received beside keepalived's, memory
    SIGTERM, and SIGKILL of the VRRP child, at 1 s and at 0.1 s: outage beside keepalived's

Both daemons are measured in one run, in turn or at once, so a slow machine is slow for both. What
breaks is measured twice more, and then twice more again: only a median that breaks fails. Exit
status 1 then.

Where other programs take more than half of the machine, processor time says less: the kernel takes
its part of an advert (half of keepalived's cost) elsewhere, and an interpreter suffers more from
caches that others fill. Such a round is held against wider limits, and a quiet one counts more than
any of those. Knows which figures are guarded. Must not know how they are measured.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.goals import outage_miss
from bench.load import Load
from bench.load_table import FAST, load_misses, measure_in_turn, middle_of
from bench.many import Pace
from bench.measure import PROGRAMS, Figures, measure_all, medians
from bench.paced import TUTORIAL, rows_at
from bench.rows import Row

__all__ = ["main"]

INSTANCES = 255
LOAD_SECONDS = 3.0
"""2,550 adverts a second and daemon: more than seven thousand to take the mean of."""
ROWS = ("SIGTERM", "SIGKILL of the VRRP child")
PACES = (TUTORIAL, FAST)
ROUNDS = (1, 3, 5)
"""After so many it is judged, as long as it has not passed."""
QUIET_IDLE = 0.5
"""Share of the machine that nobody used during a quiet round; the bench itself takes a quarter."""
SENT_RATIO_MAX, RECEIVED_RATIO_MAX = 1.5, 1.3
"""Of a quiet round. The goals are 1.2 and 1.0, and `make bench` judges by those. What a guard is to
notice is a change of the code, not the day that a machine has."""
BUSY_SENT_RATIO_MAX, BUSY_RECEIVED_RATIO_MAX = 2.0, 1.5
"""Measured with 3 to 15 runnable programs on two cores: 0.5 to 0.7, and 0.3 to 0.7."""

Check = Callable[[int], tuple[str, list[str]]]
"""Given a number of rounds that it may have in all, measures those that are missing: what was
found in words, and what broke."""


@dataclass(frozen=True, slots=True)
class Round:
    """Both daemons, one after the other."""

    loads: dict[str, Load]
    idle: float
    """Share of the machine's time that nobody used."""

    @property
    def is_quiet(self) -> bool:
        return self.idle >= QUIET_IDLE


def load_check() -> Check:
    """Cost and memory."""
    rounds: list[Round] = []

    def check(wanted: int) -> tuple[str, list[str]]:
        while len(rounds) < wanted:
            rounds.append(_load_round())
        return judge_load(rounds)

    return check


def _load_round() -> Round:
    before = _processor_ticks()
    runs = measure_in_turn(1, INSTANCES, FAST, LOAD_SECONDS)
    after = _processor_ticks()
    idle, all_of_it = (now - then for now, then in zip(after, before, strict=True))
    return Round({program: found[0] for program, found in runs.items()}, idle / all_of_it)


def judge_load(rounds: Sequence[Round]) -> tuple[str, list[str]]:
    """The quiet ones alone, where there are some."""
    quiet = [one for one in rounds if one.is_quiet]
    middle = {
        program: middle_of([one.loads[program] for one in quiet or rounds]) for program in PROGRAMS
    }
    ours, theirs = middle["halod"], middle["keepalived"]
    text = (
        f"{ours.sent_us:.1f} µs an advert sent ({theirs.sent_us:.1f} keepalived), "
        f"{ours.received_us:.1f} received ({theirs.received_us:.1f}), "
        f"{ours.heartbeat_rss_mib:.1f} MiB the heartbeat, {ours.daemon_pss_mib:.1f} the daemon; "
        + ("quiet" if quiet else f"busy: {rounds[-1].idle:.0%} idle, wider limits")
    )
    if quiet:
        return text, load_misses(middle, str(FAST), SENT_RATIO_MAX, RECEIVED_RATIO_MAX)
    wide = (BUSY_SENT_RATIO_MAX, BUSY_RECEIVED_RATIO_MAX)
    return text, load_misses(middle, str(FAST), *wide)


def _processor_ticks() -> tuple[int, int]:
    """Idle ticks of all processors, and all ticks (proc(5), /proc/stat)."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


def row_check(row: Row, pace: Pace) -> Check:
    """The outage of one fault."""
    runs: list[dict[str, Figures]] = []

    def check(rounds: int) -> tuple[str, list[str]]:
        while len(runs) < rounds:
            runs.append(measure_all(row))
        middle = {program: medians([run[program] for run in runs]) for program in PROGRAMS}
        ours, theirs = middle["halod"], middle["keepalived"]
        text = f"outage {ours.outage_s:.3f} s ({theirs.outage_s:.3f} keepalived)"
        miss = outage_miss(row, ours, theirs, pace)
        return text, [miss] if miss else []

    return check


def checks() -> Sequence[tuple[str, Check]]:
    """All of them, by name."""
    rows = [(pace, row) for pace in PACES for row in rows_at(pace) if row.name in ROWS]
    return [
        (f"{INSTANCES} instances at {FAST}", load_check()),
        *((f"{row.name} at {pace}", row_check(row, pace)) for pace, row in rows),
    ]


def passes(name: str, check: Check) -> bool:
    """Runs one, again where it breaks; prints each judgement."""
    for rounds in ROUNDS:
        text, broken = check(rounds)
        print(f"{name}: {text}; round {rounds}", flush=True)
        if not broken:
            return True
        for line in broken:
            print(f"  broken: {line}", flush=True)
    return False


def main() -> int:
    began = time.monotonic()
    failed = [name for name, check in checks() if not passes(name, check)]
    print(f"guard: {time.monotonic() - began:.0f} s; failed: {', '.join(failed) or 'nothing'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

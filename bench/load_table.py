"""The table of what a pair costs at rest, and how punctual it is.

Knows how figures are shown and which of them have a limit. Must not know how they are measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from statistics import median
from typing import Any

from bench.figures import Outcome, cells, ratio, ratio_text, spread
from bench.load import Load, measure_load
from bench.many import Pace
from bench.measure import PROGRAMS
from bench.paced import PACES

__all__ = ["FAST", "load", "load_misses", "middle_of"]

LOAD_INSTANCES = (1, 50, 255)
LOAD_SECONDS = 6.0
SENT_RATIO_MAX, RECEIVED_RATIO_MAX = 1.2, 1.0
HEARTBEAT_RSS_MIB_MAX, DAEMON_PSS_MIB_MAX = 30.0, 45.0
FAST = Pace(3, 0.1)
"""The pace at which cost has goals."""
COST = (
    ("sent_us", "µs an advert sent"),
    ("renewals_us", "of them beside the loop"),
    ("received_us", "µs an advert received"),
    ("heartbeat_rss_mib", "heartbeat RSS, MiB"),
    ("daemon_pss_mib", "daemon PSS, MiB"),
)
LATE = (
    ("late_p50_ms", "late, half at most"),
    ("late_p99_ms", "late, 99 % at most"),
    ("late_max_ms", "late, most"),
)

LEGEND = """\
µs      processor time of the VRRP process an advert, both in real time; sent includes the renewals
late    by how much gaps between adverts of one instance exceed the interval, ms, at a third host;
        below it, what halod says of itself"""


def load(repeat: int, wanted: Sequence[str]) -> Outcome:
    """Processor time an advert, memory and lateness, in turn."""
    del wanted
    document: list[dict[str, Any]] = []
    missed: list[str] = []
    print(f"\nat rest: median (least-most) of {repeat} runs of {LOAD_SECONDS:g} s, in turn")
    print(LEGEND)
    print("\n" + cells("", [title for _, title in (*COST, *LATE)]), flush=True)
    for pace in PACES:
        for instances in LOAD_INSTANCES:
            runs = measure_in_turn(repeat, instances, pace)
            middle = {program: middle_of(runs[program]) for program in PROGRAMS}
            ratios = _show(f"{instances} x {pace}", runs, middle)
            if instances == LOAD_INSTANCES[-1] and pace == FAST:
                missed += load_misses(middle, str(FAST))
            document.append(
                {
                    "pace": str(pace),
                    "instances": instances,
                    "runs": {p: [asdict(one) for one in runs[p]] for p in PROGRAMS},
                    "ratios": ratios,
                }
            )
    return document, missed


def measure_in_turn(
    repeat: int, instances: int, pace: Pace, seconds: float = LOAD_SECONDS
) -> dict[str, list[Load]]:
    """So many runs of each."""
    runs: dict[str, list[Load]] = {program: [] for program in PROGRAMS}
    for _ in range(repeat):
        for program in PROGRAMS:
            runs[program].append(measure_load(program, instances, pace, seconds))
    return runs


def _show(
    head: str, runs: Mapping[str, Sequence[Load]], middle: Mapping[str, Load]
) -> dict[str, float | None]:
    names = [name for name, _ in (*COST, *LATE)]
    print(head)
    for program in PROGRAMS:
        texts = [spread([getattr(one, name) for one in runs[program]]) for name in names]
        print(cells(f"  {program}", texts))
    ratios = {
        name: ratio(*(getattr(middle[program], name) for program in PROGRAMS)) for name in names
    }
    print(cells("  ratio", [ratio_text(value) for value in ratios.values()]))
    answered = [one for one in runs["halod"] if one.own_lateness]
    for name in answered[0].own_lateness if answered else ():
        print(cells(f"    its own: {name}", [_own_text(answered, name)]), flush=True)
    if not answered:
        print("    its own: halod did not answer", flush=True)
    return ratios


def _own_text(runs: Sequence[Load], name: str) -> str:
    """`0.05 / 0.10 / 0.31 ms (half / 99 % / most), 0 over 10 ms`: the middle run for each."""
    figures = [one.own_lateness[name] for one in runs]
    middle = [median(f[key] or 0.0 for f in figures) * 1000 for key in ("p50_s", "p99_s", "max_s")]
    over, budget_ms = sum(f["over_budget"] for f in figures), figures[0]["budget_s"] * 1000
    shown = " / ".join(f"{value:.2f}" for value in middle)
    return f"{shown} ms (half / 99 % / most), {over} over {budget_ms:g} ms"


def middle_of(runs: Sequence[Load]) -> Load:
    """The middle of each figure; what a daemon says of itself is that of the last run."""
    numbers = [field.name for field in fields(Load) if field.name != "own_lateness"]
    middle = {name: median(getattr(one, name) for one in runs) for name in numbers}
    return Load(**middle, own_lateness=runs[-1].own_lateness)


def load_misses(
    middle: Mapping[str, Load],
    pace: str,
    sent_ratio_max: float = SENT_RATIO_MAX,
    received_ratio_max: float = RECEIVED_RATIO_MAX,
) -> list[str]:
    """What halod missed with 255 instances, a sentence each."""
    ours, theirs = middle["halod"], middle["keepalived"]
    goals = (
        ("times keepalived's µs an advert sent", ours.sent_us / theirs.sent_us, sent_ratio_max),
        (
            "times keepalived's µs an advert received",
            ours.received_us / theirs.received_us,
            received_ratio_max,
        ),
        ("MiB of the heartbeat, resident", ours.heartbeat_rss_mib, HEARTBEAT_RSS_MIB_MAX),
        ("MiB of the daemon, shared out", ours.daemon_pss_mib, DAEMON_PSS_MIB_MAX),
    )
    return [
        f"255 instances at {pace}: {found:.2f} {what}, at most {most:g}"
        for what, found, most in goals
        if found > most
    ]

"""The table of what checks cost.

Knows how figures are shown and which of them have a goal. Must not know how they are measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from bench.beside import DUE_S, measure_beside
from bench.checks import ChecksCost, measure_checks
from bench.checks_uml import attempt_us_in_uml
from bench.figures import Outcome, cells, ratio, ratio_text, spread
from bench.measure import PROGRAMS
from halod.lab.uml import missing_uml

__all__ = ["checks"]

CHECKS = 10_000
SECONDS = 15.0
KINDS = ("tcp", "http", "both")
LATE_P99_MS_MAX = 200.0
ADVERT_LATE_P99_MS_MAX = 5.0
PACE_SHARE_MIN = 0.98
"""Of the checks that are due: the run does not end with a whole loop."""
COST_RATIO_MAX = 3.0
UML_SECONDS = 10.0
COLUMNS = (
    ("attempt_us", "µs an attempt"),
    ("attempts_s", "attempts a second"),
    ("late_p50_ms", "late, half at most"),
    ("late_p99_ms", "late, 99 % at most"),
    ("late_max_ms", "late, most"),
    ("false_failures", "false failures"),
    ("rss_mib", "RSS, MiB"),
)


def checks(repeat: int, wanted: Sequence[str]) -> Outcome:
    """Ten thousand at a loop of 5 s, of each kind."""
    del wanted
    document: list[dict[str, Any]] = []
    missed: list[str] = []
    print(f"\n{CHECKS} checks at a loop of 5 s, {SECONDS:g} s, {repeat} runs\n")
    print(cells("", [head for _, head in COLUMNS]), flush=True)
    for kind in KINDS:
        runs = [measure_checks(CHECKS, kind, SECONDS) for _ in range(repeat)]
        texts = [spread([getattr(one, name) for one in runs]) for name, _ in COLUMNS]
        print(cells(kind, texts), flush=True)
        document.append({"kind": kind, "runs": [asdict(one) for one in runs]})
        missed += _misses(kind, runs)
    document.append(_beside(repeat, missed))
    document += _beside_keepalived(repeat, missed)
    return document, missed


def _beside(repeat: int, missed: list[str]) -> dict[str, Any]:
    """What they do to adverts of the same machine, and whether they keep their own pace."""
    runs = [measure_beside(SECONDS) for _ in range(repeat)]
    late = [one.load.late_p99_ms for one in runs]
    pace = [one.attempts_s for one in runs]
    texts = ["late, 99 % at most", spread(late), "checks a second", spread(pace)]
    print(cells("adverts at 0.1 s beside them, ms", texts), flush=True)
    if median(late) >= ADVERT_LATE_P99_MS_MAX:
        missed.append(f"adverts beside checks: 99 % at most {median(late):.1f} ms late")
    if median(pace) < DUE_S * PACE_SHARE_MIN:
        missed.append(f"checks beside adverts: {median(pace):.0f} a second, {DUE_S:.0f} are due")
    failures = max(one.false_failures for one in runs)
    if failures:
        missed.append(f"checks beside adverts: {failures} servers that serve were called down")
    return {"kind": "adverts beside", "runs": [asdict(one) for one in runs]}


def _beside_keepalived(repeat: int, missed: list[str]) -> list[dict[str, Any]]:
    """In turn, each in a kernel of its own; nothing where there is no such kernel."""
    lacking = missing_uml()
    if lacking is not None:
        missed.append(f"checks beside keepalived: not measured, {lacking}")
        return []
    document: list[dict[str, Any]] = []
    print("\nan attempt in a kernel of its own, µs of processor time\n", flush=True)
    for kind in ("tcp", "http"):
        runs = [
            {program: attempt_us_in_uml(program, kind, UML_SECONDS) for program in PROGRAMS}
            for _ in range(repeat)
        ]
        texts = [spread([one[program] for one in runs]) for program in PROGRAMS]
        found = ratio(*(median(one[program] for one in runs) for program in PROGRAMS))
        print(
            cells(f"{kind} {', '.join(PROGRAMS)}, ratio", [*texts, ratio_text(found)]), flush=True
        )
        if found is not None and found > COST_RATIO_MAX:
            missed.append(f"{kind}: an attempt costs {found:.1f} times that of keepalived")
        document.append({"kind": f"{kind} in uml", "runs": runs})
    return document


def _misses(kind: str, runs: Sequence[ChecksCost]) -> list[str]:
    found = []
    late = median(one.late_p99_ms for one in runs)
    if late >= LATE_P99_MS_MAX:
        found.append(f"{kind}: 99 % at most {late:.0f} ms late, goal {LATE_P99_MS_MAX:g} ms")
    failures = max(one.false_failures for one in runs)
    if failures:
        found.append(f"{kind}: {failures} servers that serve were called down")
    return found

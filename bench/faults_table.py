"""The table of faults: every fault at every pace, each daemon in its own lab.

Knows how the figures of a row are shown. Must not know how one is measured, nor what a goal is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bench.figures import Outcome, cells, ratio, ratio_text, spread
from bench.goals import allowance_s, is_by_two_owners, master_down_s, misses
from bench.many import Pace
from bench.measure import PROGRAMS, Figures, measure_all, medians
from bench.paced import PACES, rows_at
from bench.rows import Row
from halod.lab.errors import LabError

__all__ = ["faults"]

SHOWN = (
    ("outage_s", "longest outage"),
    ("no_owner_s", "no owner in all"),
    ("two_owners_s", "two owners in all"),
    ("takeover_s", "peer takes over after"),
)
LEGEND = """\
Both daemons are played at once; with 50 VIPs in turn, for one kernel puts up the addresses of one
pair after those of the other.
outage          the longest stretch in which nobody answered a client that asks every 5 ms
takes over      from the old master's last advert to the moment when the peer has the address; 0:
                it took nothing over
owners          who has the address when the watch ends
by two owners   keepalived's node is dead or frozen and goes on answering, beside its heir: its
                outage is 0, and clients talk to two machines. Who takes the address away from the
                dead has an outage instead; there halod's is held against the theory, three
                intervals and the peer's skew from the last advert on. Everywhere else it is held
                against keepalived's. Allowed above either: 20 ms at adverts of 1 s, 10 ms below."""


def faults(repeat: int, wanted: Sequence[str]) -> Outcome:
    """Every row whose name has one of these parts; all where none is given."""
    document: list[dict[str, Any]] = []
    missed: list[str] = []
    print(f"faults, seconds: median (least-most) of {repeat} runs\n")
    print(LEGEND)
    for pace in PACES:
        print("\n" + cells(str(pace), [*(title for _, title in SHOWN), "owners"]), flush=True)
        for row in rows_at(pace):
            if wanted and not any(part in row.name for part in wanted):
                continue
            try:
                runs = [measure_all(row) for _ in range(repeat)]
            except LabError as error:
                # A gap in the table, and not its end.
                reason = str(error).split("\n")[0]
                missed.append(f"{pace}, {row.name}: not measured: {reason}")
                document.append({"pace": str(pace), "fault": row.name, "not_measured": reason})
                print(f"{row.name}\n  not measured: {reason}", flush=True)
                continue
            by_program = {program: [run[program] for run in runs] for program in PROGRAMS}
            middle = {program: medians(each) for program, each in by_program.items()}
            ratios = _show(row, pace, by_program, middle)
            found = misses(row, middle, pace)
            missed += [f"{pace}, {row.name}: {miss}" for miss in found]
            document.append(
                {
                    "pace": str(pace),
                    "fault": row.name,
                    "runs": {p: [asdict(one) for one in by_program[p]] for p in PROGRAMS},
                    "ratios": ratios,
                    "by_two_owners": is_by_two_owners(row, middle["keepalived"]),
                    "master_down_s": master_down_s(row, pace),
                    "allowance_s": allowance_s(pace),
                    "missed": found,
                }
            )
    return document, missed


def _show(
    row: Row,
    pace: Pace,
    runs: Mapping[str, Sequence[Figures]],
    middle: Mapping[str, Figures],
) -> dict[str, float | None]:
    print(row.name)
    for program in PROGRAMS:
        texts = [spread([getattr(one, name) for one in runs[program]]) for name, _ in SHOWN]
        owners = "+".join(middle[program].owners) or "nobody"
        if program == "keepalived" and is_by_two_owners(row, middle[program]):
            owners += f": by two owners; in theory {master_down_s(row, pace):.3f} s"
        print(cells(f"  {program}", [*texts, owners]))
    ratios = {
        name: ratio(*(getattr(middle[program], name) for program in PROGRAMS)) for name, _ in SHOWN
    }
    print(cells("  ratio", [ratio_text(value) for value in ratios.values()]), flush=True)
    return ratios

"""The faults at other paces than the tutorial's: adverts of VRRPv3, faster than one a second.

Knows how a row is shortened. Must not know how it is measured.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bench.many import Pace
from bench.rows import ROWS, STARVED, Row

__all__ = ["PACES", "TUTORIAL", "rows_at"]

TUTORIAL = Pace(2, 1.0)
PACES = (TUTORIAL, Pace(3, 0.1), Pace(3, 0.02))
WATCH_LEAST_S = 1.5
"""A daemon is started anew, or another is noticed dead, in the same time whatever the adverts."""
TWO_OWNERS_S = 0.1
RESTART_S = 0.05
"""What the supervisor takes to notice a death and to speak for the dead."""
HANG_S = 1.0
"""What it takes to tell hanging from being busy."""


def rows_at(pace: Pace) -> tuple[Row, ...]:
    """The same faults, each as many adverts after the last one."""
    if pace == TUTORIAL:
        return (*ROWS, STARVED)
    starved = replace(STARVED, configs=_configs_at(STARVED, pace))
    return (*(_paced(row, pace) for row in ROWS), starved)


def _configs_at(row: Row, pace: Pace) -> Callable[[str], str]:
    return lambda host: paced_text(row.configs(host), pace)


def _paced(row: Row, pace: Pace) -> Row:
    factor = pace.interval_s
    outage_s = row.outage_s
    if outage_s is not None and "heals" not in row.name:
        noticed_s = HANG_S if "SIGSTOP" in row.name else RESTART_S
        outage_s = outage_s * factor + noticed_s
    return replace(
        row,
        watch_s=row.watch_s * factor + WATCH_LEAST_S,
        strike_after_s=row.strike_after_s * factor,
        before_s=row.before_s * factor + 0.5,
        configs=_configs_at(row, pace),
        outage_s=outage_s,
        two_owners_s=TWO_OWNERS_S if row.two_owners_s is not None else None,
    )


def paced_text(text: str, pace: Pace) -> str:
    """A configuration in another version and at another interval; v3 knows no password."""
    text = re.sub(r"\n\s*authentication \{[^}]*\}", "", text)
    return text.replace("advert_int 1\n", f"advert_int {pace.interval_s:g}\n    version 3\n")

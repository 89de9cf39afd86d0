"""Whether a row meets its goals, in words.

Knows how a goal is compared. Must not measure.

In every row halod's outage may be longer than keepalived's by 20 ms at adverts of 1 s, and by 10 ms
below. There is one exception. Where the daemon dies and the machine lives, keepalived's node goes
on answering for an address that the peer has taken over: its outage is 0 **by two owners**, and who
takes the address away from the dead must have an outage instead. There halod's is held against the
theory, the peer's Master_Down_Interval from the last advert on, and the same allowance.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.many import Pace
from bench.measure import Figures
from bench.rows import Row
from halod.model.election import master_down_interval
from halod.model.units import Duration
from halod.model.vrrp import VrrpVersion

__all__ = ["allowance_s", "is_by_two_owners", "master_down_s", "misses", "outage_miss"]

BOTH = ("lb01", "lb02")


def allowance_s(pace: Pace) -> float:
    """How much longer than keepalived's, or than the theory, an outage may be."""
    return 0.020 if pace.interval_s >= 1 else 0.010


def is_by_two_owners(row: Row, figures: Figures) -> bool:
    """Whether a pair was spared an outage because the dead kept the address, beside its heir."""
    return row.is_death and figures.owners == BOTH


def master_down_s(row: Row, pace: Pace) -> float:
    """From the last advert to the peer's takeover, in theory (RFC 9568, 6.1)."""
    version = VrrpVersion(pace.version)
    interval = Duration.milliseconds(round(pace.interval_s * 1000))
    return master_down_interval(version, row.peer_priority, interval).as_seconds()


def misses(row: Row, figures: Mapping[str, Figures], pace: Pace) -> list[str]:
    """What halod missed, a sentence each; empty where every goal is met."""
    ours, theirs = figures["halod"], figures["keepalived"]
    found = [outage_miss(row, ours, theirs, pace)]
    if row.outage_s is not None and ours.outage_s > row.outage_s:
        found.append(f"outage {ours.outage_s:.3f} s, at most {row.outage_s:g} s")
    if row.two_owners_s is not None and ours.two_owners_s > row.two_owners_s:
        found.append(f"two owners for {ours.two_owners_s:.3f} s, at most {row.two_owners_s:g} s")
    return [miss for miss in found if miss]


def outage_miss(row: Row, ours: Figures, theirs: Figures, pace: Pace) -> str:
    """What is wrong with halod's outage beside keepalived's, or beside the theory; or nothing."""
    if is_by_two_owners(row, theirs):
        measured, bound = ours.advert_to_answer_s, master_down_s(row, pace)
        what = "from the last advert to the next answer, and in theory"
    elif row.since_advert:
        measured, bound = ours.advert_to_answer_s, theirs.advert_to_answer_s
        what = "from the last advert to the next answer, and with keepalived"
    else:
        measured, bound = ours.outage_s, theirs.outage_s
        what = "outage, and with keepalived"
    if measured <= bound + allowance_s(pace):
        return ""
    return f"{measured:.3f} s {what} {bound:.3f} s: more than {allowance_s(pace):g} s longer"

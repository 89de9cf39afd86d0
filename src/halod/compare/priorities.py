"""Who is master among nodes that hear each other, and what a failing check changes.

Knows the order of priorities, and weights. Must not run anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from halod.compare.cluster import Router, Seat
from halod.compare.difference import Difference, Gravity, listed
from halod.model.printable import shortened
from halod.model.vrrp import PRIORITY_OWNER

__all__ = ["equal_priorities", "idle_checks", "unlike_timers"]


def equal_priorities(router: Router) -> Iterator[Difference]:
    """RFC 9568, 6.4.3: of equal priorities the higher primary address wins."""
    counts = Counter(seat.instance.priority for seat in router.seats)
    for priority, count in counts.items():
        if count < 2:
            continue
        seats = [seat for seat in router.seats if seat.instance.priority == priority]
        names = listed(seat.node.name for seat in seats)
        if priority == PRIORITY_OWNER:
            outcome = "each starts as master and takes the addresses from the other"
        else:
            outcome = "the higher address decides, and which that is no file says"
        yield Difference(
            Gravity.BREAKS if priority == PRIORITY_OWNER else Gravity.RISK,
            f"{router.seats[0].instance.name} has priority {priority} on {names}: {outcome}",
            tuple(seat.place("priority", "state") for seat in seats),
        )


def unlike_timers(router: Router) -> Iterator[Difference]:
    """A backup that misses fewer adverts takes over first, whatever its priority."""
    counts = {seat.instance.down_timer_adverts for seat in router.seats}
    if len(counts) > 1:
        told = listed(f"{s.instance.down_timer_adverts} on {s.node.name}" for s in router.seats)
        yield Difference(
            Gravity.RISK,
            f"{router.seats[0].instance.name} has down_timer_adverts {told}: who waits for fewer "
            "takes over first, whatever its priority",
            tuple(seat.place("down_timer_adverts") for seat in router.seats),
        )


def idle_checks(router: Router) -> Iterator[Difference]:
    """A check of the strongest node whose failure moves nothing."""
    if len(router.seats) < 2:
        return
    strongest = max(router.seats, key=_well)
    others = [seat for seat in router.seats if seat is not strongest]
    second = max(others, key=_well)
    if _well(strongest) == _well(second):
        return
    for tracked in strongest.instance.trackers:
        if tracked.weight == 0:
            continue  # FAULT: it falls silent, and the next one takes over
        well, failed = tracked.priorities(strongest.instance.priority)
        left = _well(strongest) - (well - failed)
        if left > _well(second):
            why = f"it still has {left}, and {second.node.name} {_well(second)}"
        elif not second.instance.preempt:
            why = f"{second.node.name} has nopreempt, and leaves a lower master alone"
        else:
            continue
        yield Difference(
            Gravity.BREAKS,
            f"when {shortened(str(tracked.tracker))} fails on {strongest.node.name}, "
            f"{strongest.instance.name} stays there: {why}",
            (strongest.place_of_tracker(tracked.tracker.name), second.place("priority")),
        )


def _well(seat: Seat) -> int:
    """Its priority while all its checks succeed."""
    priority = seat.instance.priority
    well = (t.priorities(priority)[0] - priority for t in seat.instance.trackers)
    return priority + sum(well)

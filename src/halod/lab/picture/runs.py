"""Stretches of time: who answered without a break, and when two hosts held a VIP at once. Pure.

Knows values and nanoseconds of the monotonic clock. Must not know how they are drawn.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from halod.lab.ownership import Holding
from halod.lab.report import Outage, Probe, outages

ASKED_EVERY_NS_MAX = 1_000_000_000
"""Two questions further apart do not belong together: nobody asked in between."""


@dataclass(frozen=True)
class Run:
    """A stretch in which one host, or nobody, answered every question."""

    host: str | None
    """Who answered, None: nobody."""

    start_ns: int
    """When the first of its questions was sent, monotonic nanoseconds."""

    end_ns: int
    """When the first question was sent that fared otherwise, or the last one of the run."""

    first: bool = False
    """Whether nobody has answered before: silence is no outage then."""


def answer_runs(probes: Iterable[Probe]) -> list[Run]:
    """Who answered when; probes of one VIP in the order sent."""
    found: list[Run] = []
    answered_before = False
    for probe in probes:
        last = found[-1] if found else None
        apart = last is not None and probe.sent_ns - last.end_ns > ASKED_EVERY_NS_MAX
        if last is not None and not apart:
            found[-1] = Run(last.host, last.start_ns, probe.sent_ns, last.first)
        if last is None or apart or last.host != probe.host:
            found.append(Run(probe.host, probe.sent_ns, probe.sent_ns, not answered_before))
        answered_before = answered_before or probe.host is not None
    return found


def real_outages(probes: Iterable[Probe]) -> list[Outage]:
    """The stretches without an answer after somebody has answered for the first time."""
    asked = list(probes)
    first = next((place for place, probe in enumerate(asked) if probe.host is not None), len(asked))
    return outages(asked[first:])


def conflicts(holdings: Iterable[Holding], vip: str) -> list[tuple[int, int]]:
    """The stretches in which two hosts or more held the VIP."""
    steps = sorted(
        step
        for holding in holdings
        if holding.vip == vip and holding.start_ns < holding.end_ns
        for step in ((holding.start_ns, 1), (holding.end_ns, -1))
    )
    found: list[tuple[int, int]] = []
    owners = 0
    for (at_ns, delta), (next_ns, _delta) in pairwise(steps):
        owners += delta
        if owners < 2 or at_ns == next_ns:
            continue
        if found and found[-1][1] == at_ns:
            found[-1] = (found[-1][0], next_ns)
        else:
            found.append((at_ns, next_ns))
    return found

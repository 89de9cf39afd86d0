"""How late something came, each time it was due: counted in buckets that never grow.

Knows buckets, and whether a budget was kept. Must not know a clock, nor whose budget it is. To add
one is a few integer operations and no allocation: it stands on the advert path.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from halod.model.units import NS_PER_MICROSECOND, NS_PER_SECOND

__all__ = ["Lateness", "LatenessView"]

_STEPS_BITS = 2
_STEPS = 1 << _STEPS_BITS
"""Buckets to a doubling: a figure is at most a quarter above what it stands for."""
_BUCKETS = 64 * _STEPS
"""Whatever 64 bits of nanoseconds can say finds its bucket."""


@dataclass(frozen=True, slots=True)
class LatenessView:
    """What is shown of one figure; seconds, None where nothing was due yet."""

    count: int
    """How often something was due."""
    p50_s: float | None
    """Half of them were at most so late; at most a quarter too high."""
    p99_s: float | None
    """The same of 99 in 100."""
    max_s: float | None
    """The latest of all, exact."""
    over_budget: int
    """How many broke their budget."""


class Lateness:
    """One writer, any reader: each entry is one store."""

    __slots__ = ("_bucket", "_counts", "_from", "_until", "broken", "broken_by_ns", "worst_ns")

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS
        self._bucket = 0
        """The one of the last entry, and from where to where in nanoseconds it is meant: the next
        entry is mostly as late."""
        self._from = self._until = 0
        self.worst_ns = 0
        self.broken = 0
        """Times that a budget was broken."""
        self.broken_by_ns = 0
        """How late it was the last of those times."""

    def add(self, late_ns: int, budget_ns: int) -> None:
        """One that came so late, and how late it might have been. Early is not late."""
        if late_ns > self.worst_ns:
            self.worst_ns = late_ns
        if late_ns > budget_ns:
            self.broken_by_ns = late_ns
            self.broken += 1
        if not self._from <= late_ns < self._until:
            self._find_bucket(late_ns)
        self._counts[self._bucket] += 1

    def _find_bucket(self, late_ns: int) -> None:
        microseconds = max(0, late_ns // NS_PER_MICROSECOND)
        if microseconds < _STEPS:
            bucket = microseconds
        else:
            # The place of the highest bit, and the two bits below it.
            power = microseconds.bit_length() - _STEPS_BITS - 1
            bucket = power * _STEPS + (microseconds >> power)
        self._bucket = bucket
        self._from = _edge_ns(bucket - 1) if bucket else 0
        self._until = _edge_ns(bucket)

    def view(self, *others: Lateness) -> LatenessView:
        """This one, and others as if they were one."""
        every = (self, *others)
        counts = [sum(each) for each in zip(*(one._counts for one in every), strict=True)]
        count = sum(counts)
        worst_ns = max(one.worst_ns for one in every)
        return LatenessView(
            count=count,
            p50_s=_quantile_s(counts, (count + 1) // 2, worst_ns) if count else None,
            p99_s=_quantile_s(counts, -(-count * 99 // 100), worst_ns) if count else None,
            max_s=worst_ns / NS_PER_SECOND if count else None,
            over_budget=sum(one.broken for one in every),
        )


def _quantile_s(counts: Iterable[int], rank: int, worst_ns: int) -> float:
    """The upper edge of the bucket in which the one of that rank lies, the least first."""
    for bucket, count in enumerate(counts):
        rank -= count
        if rank <= 0:
            return min(_edge_ns(bucket), worst_ns) / NS_PER_SECOND
    raise AssertionError("a rank beyond the count")


def _edge_ns(bucket: int) -> int:
    """Where a bucket ends."""
    if bucket < _STEPS:
        return (bucket + 1) * NS_PER_MICROSECOND
    power = bucket // _STEPS - 1
    return ((_STEPS + bucket % _STEPS + 1) << power) * NS_PER_MICROSECOND

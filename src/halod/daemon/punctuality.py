"""Whether the heartbeat keeps its time: timers, adverts and renewals, each against its budget.

Knows the budgets, their reasons, and when a broken one is told. Pure: the clock is brought along.

    timer     from the moment for which the loop armed its timer to the moment when it looks
    advert    from the moment when it was due to when the kernel has taken it
    renewal   from the decision to send an advert to when the lease that it earns is renewed
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from halod.model.lateness import Lateness
from halod.model.units import NS_PER_MILLISECOND, NS_PER_SECOND, ZERO, Duration, Instant
from halod.model.vrrp import VrrpInstance

__all__ = ["Punctuality", "advert_budget", "timer_budget"]

TIMER_BUDGET_MAX = Duration.milliseconds(20)
TIMER_BUDGET_MIN = Duration.milliseconds(5)
QUIET = Duration.seconds(60)
"""Between two lines about the same budget; broken no more for so long, it counts as kept again."""

TIMER_REASON = "a takeover is late by as much; something else keeps the processor"
ADVERT_REASON = "to its peers it is as good as lost"
RENEWAL_REASON = "a renewal that waits longer counts no more; something holds the kernel's lock"


def timer_budget(interval: Duration) -> Duration:
    """A tenth of the interval, within limits: what `make bench` allows a takeover beside keepalived
    at 1 s and at 0.1 s. Below 50 ms a machine that is not bare metal needs more."""
    return min(TIMER_BUDGET_MAX, max(TIMER_BUDGET_MIN, interval // 10))


def advert_budget(interval: Duration) -> Duration:
    """Half an interval: then the next one is nearer, and what this one earned is void."""
    return interval // 2


@dataclass(slots=True)
class _Watched:
    """One figure, and what was told of it."""

    name: str
    reason: str
    figures: list[Lateness]
    told: int = 0
    """How many broken budgets were told."""
    told_at: Instant | None = None
    broken_at: Instant | None = None
    """When a new one was seen last."""
    seen: int = 0

    @property
    def subject(self) -> str:
        return f"late {self.name}"

    @property
    def broken(self) -> int:
        return sum(figure.broken for figure in self.figures)

    def news(self, budget: str, now: Instant) -> str | None:
        """A line; empty where all is well again; None where there is nothing new to say."""
        broken = self.broken
        if broken != self.seen:
            self.seen, self.broken_at = broken, now
        if broken != self.told and (self.told_at is None or now - self.told_at >= QUIET):
            count, self.told, self.told_at = broken - self.told, broken, now
            worst_ns = max(f.broken_by_ns for f in self.figures)
            times = "" if count == 1 else f", {count} times"
            return f"{_ms(worst_ns)} after its time, budget {budget}{times}: {self.reason}"
        if self.broken_at is not None and now - self.broken_at >= QUIET:
            self.broken_at = self.told_at = None
            return ""
        return None


@dataclass(slots=True)
class Punctuality:
    """The heartbeat's three figures. Renewals are counted where they are done: by the loop behind
    the BPF gate, by a thread otherwise."""

    timer: Lateness = field(default_factory=Lateness)
    advert: Lateness = field(default_factory=Lateness)
    renewal: Lateness = field(default_factory=Lateness)
    """Of the loop."""
    timer_budget_ns: int = TIMER_BUDGET_MAX.ns
    advert_budget_ns: int = TIMER_BUDGET_MAX.ns
    _others: list[Lateness] = field(default_factory=list)
    _watched: list[_Watched] = field(default_factory=list)

    def watch(self, renewals: Iterable[Lateness]) -> None:
        """Figures that other threads write, too; once, at the start."""
        self._others = list(renewals)
        self._watched = [
            _Watched("timer", TIMER_REASON, [self.timer]),
            _Watched("advert", ADVERT_REASON, [self.advert]),
            _Watched("renewal", RENEWAL_REASON, [self.renewal, *self._others]),
        ]

    def adopt(self, instances: Iterable[VrrpInstance]) -> None:
        """Budgets by the fastest of these."""
        shortest = min((one.advert_interval for one in instances), default=ZERO)
        if shortest > ZERO:
            self.timer_budget_ns = timer_budget(shortest).ns
            self.advert_budget_ns = advert_budget(shortest).ns

    def news(self, now: Instant) -> Iterator[tuple[str, str]]:
        """(subject, line) of what broke its budget, and with an empty line of what does no more."""
        for watched, budget in zip(self._watched, self._budgets(), strict=True):
            line = watched.news(budget, now)
            if line is not None:
                yield watched.subject, line

    def view(self) -> dict[str, dict[str, Any]]:
        """For status, by figure; seconds."""
        renewal = self.renewal.view(*self._others)
        shown = (
            ("timer", self.timer.view(), self.timer_budget_ns),
            ("advert", self.advert.view(), self.advert_budget_ns),
            ("renewal", renewal, self.advert_budget_ns),
        )
        return {
            name: {**asdict(view), "budget_s": budget_ns / NS_PER_SECOND}
            for name, view, budget_ns in shown
        }

    def _budgets(self) -> tuple[str, str, str]:
        advert = f"{_ms(self.advert_budget_ns)} (half an advert interval)"
        renewal = f"{advert[:-1]}; of a lifetime behind a gate 3 s)"
        return _ms(self.timer_budget_ns), advert, renewal


def _ms(ns: int) -> str:
    return f"{ns / NS_PER_MILLISECOND:.1f} ms"

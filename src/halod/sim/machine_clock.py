"""A clock that is wrong, and what a machine means to do at a time on it.

Knows true time and one machine's time, in nanoseconds. Must not know what is done.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

__all__ = ["Agenda", "LocalAgenda", "MachineClock"]

PPM = 1_000_000

Act = Callable[[], None]


class Agenda:
    """True time: what happens next, in order; of two at one instant the one planned first."""

    def __init__(self) -> None:
        self.now_ns = 0
        self._heap: list[tuple[int, int, Act]] = []
        self._serial = 0

    def at(self, when_ns: int, act: Act) -> None:
        """Plans; what should have been before now is done now."""
        self._serial += 1
        heapq.heappush(self._heap, (max(when_ns, self.now_ns), self._serial, act))

    def run(self, until_ns: int) -> None:
        """Plays everything up to and including that instant."""
        while self._heap and self._heap[0][0] <= until_ns:
            self.now_ns, _, act = heapq.heappop(self._heap)
            act()
        self.now_ns = until_ns


class MachineClock:
    """Shows offset + (1 + drift) x the true time for which it ran."""

    def __init__(self, offset_ns: int, drift_ppm: int) -> None:
        self._offset_ns = offset_ns
        self._rate = PPM + drift_ppm
        self._stood_ns = 0
        self._stopped_at_ns: int | None = None

    def read_ns(self, true_ns: int) -> int:
        """What it shows."""
        if self._stopped_at_ns is not None:
            true_ns = self._stopped_at_ns
        return self._offset_ns + (true_ns - self._stood_ns) * self._rate // PPM

    def true_ns(self, local_ns: int) -> int:
        """The first true instant at which it shows this, unless it is stopped before."""
        return self._stood_ns - (self._offset_ns - local_ns) * PPM // self._rate

    def stop(self, true_ns: int) -> None:
        self._stopped_at_ns = true_ns

    def go(self, true_ns: int) -> None:
        """Goes on from where it stopped."""
        if self._stopped_at_ns is not None:
            self._stood_ns += true_ns - self._stopped_at_ns
            self._stopped_at_ns = None


class LocalAgenda:
    """What one machine does at times of one of its clocks; nothing while the machine is frozen."""

    def __init__(self, agenda: Agenda, clock: MachineClock) -> None:
        self._agenda = agenda
        self._clock = clock
        self._frozen = False
        self._held: list[tuple[int, Act]] = []

    @property
    def now_ns(self) -> int:
        """The machine's clock."""
        return self._clock.read_ns(self._agenda.now_ns)

    def at(self, local_ns: int, act: Act) -> None:
        """Plans for a time of this clock."""
        self._agenda.at(self._clock.true_ns(local_ns), lambda: self._come(local_ns, act))

    def after(self, span_ns: int, act: Act) -> None:
        """Plans for a time from now."""
        self.at(self.now_ns + span_ns, act)

    def freeze(self, *, clock_runs_on: bool) -> None:
        self._frozen = True
        if not clock_runs_on:
            self._clock.stop(self._agenda.now_ns)

    def thaw(self) -> None:
        """What came up meanwhile is done now if its time on this clock has come."""
        self._frozen = False
        self._clock.go(self._agenda.now_ns)
        held, self._held = self._held, []
        for local_ns, act in held:
            self.at(local_ns, act)

    def _come(self, local_ns: int, act: Act) -> None:
        if self._frozen:
            self._held.append((local_ns, act))
        elif self.now_ns < local_ns:
            # The clock stood still since this was planned.
            self.at(local_ns, act)
        else:
            act()

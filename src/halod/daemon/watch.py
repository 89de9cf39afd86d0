"""Two judgements about a child: does it hang, and does it crash too often?

Knows counts and limits. Pure: the supervisor brings the ticks and the time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from halod.model.units import Duration, Instant

__all__ = ["HANG_TICKS", "START_TICKS", "TICK", "CrashLimit", "HangWatch"]

TICK = Duration.milliseconds(100)
"""Between two looks at the pulse; the heartbeat beats at least this often."""
HANG_TICKS = 8
"""Looks without a new pulse before a child counts as hung. Looks, not time: when the whole machine
stands still, the supervisor misses its own ticks too and blames nobody."""
START_TICKS = 100
"""Looks until the first pulse: 10 s. A start takes 0.3 s, on a machine that boots several seconds,
and a child that is killed for being slow would be slow again."""
CRASHES_MAX = 3
CRASH_WINDOW = Duration.seconds(60)
"""Three crashes in 60 s: stay down and alarm, for the cause is not chance (DESIGN, section 3)."""


@dataclass(slots=True)
class HangWatch:
    """Looks at a pulse that should count up."""

    _pulse: int = 0
    """0: it has not begun."""
    _silent: int = 0

    def look(self, pulse: int) -> bool:
        """One tick; True where the child must be taken for hung."""
        if pulse != self._pulse:
            self._pulse, self._silent = pulse, 0
            return False
        self._silent += 1
        return self._silent >= (HANG_TICKS if self._pulse else START_TICKS)

    def restart(self) -> None:
        """A new child, whose pulse counts from 0."""
        self._pulse, self._silent = 0, 0


@dataclass(slots=True)
class CrashLimit:
    """When a child may be started again."""

    _crashes: list[Instant] = field(default_factory=list)

    def may_restart(self, now: Instant) -> bool:
        """Counts one crash."""
        self._crashes = [at for at in self._crashes if now - at < CRASH_WINDOW]
        self._crashes.append(now)
        return len(self._crashes) < CRASHES_MAX

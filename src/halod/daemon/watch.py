"""Judgements about a child: does it hang, is it the machine that hangs, does it crash too often?

Knows counts and limits. Pure: the supervisor brings the ticks and the time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from halod.model.units import Duration, Instant

__all__ = [
    "HANG_TICKS",
    "SPARE_TICKS",
    "START_TICKS",
    "TICK",
    "CrashLimit",
    "HangWatch",
    "stood_still",
]

TICK = Duration.milliseconds(100)
"""Between two looks at the pulse; the heartbeat beats at least this often."""
HANG_TICKS = 8
"""Looks without a new pulse before a child counts as hung. Looks, not time: when the whole machine
stands still, the supervisor misses its own ticks too and blames nobody."""
START_TICKS = 600
"""Looks until the first pulse: 60 s, as for every child. A start takes 0.3 s, and where everything
starts at once on a slow processor 20 s were seen. A child that is killed for being slow would be
slow again, three of them keep halod down, and one that has not begun holds nothing."""
SPARE_TICKS = 20
"""2 s more for a child whose core stands still: longer stalls were not seen, and who waits for ever
for a core that does not come back has no heartbeat."""
RUNNING_SHARE = 0.25
"""Of a time: a core that accounts for less of it stood still."""
CRASHES_MAX = 3
CRASH_WINDOW = Duration.seconds(60)
"""Three crashes in 60 s: stay down and alarm, for the cause is not chance (DESIGN, section 3)."""


@dataclass(slots=True)
class HangWatch:
    """Looks at a pulse that should count up."""

    _pulse: int = 0
    """0: it has not begun."""
    _silent: int = 0
    _spared: int = 0

    @property
    def is_doubtful(self) -> bool:
        """A first look found no new pulse."""
        return self._silent == 1

    def look(self, pulse: int) -> bool:
        """One tick; True where the child must be taken for hung."""
        if pulse != self._pulse:
            self._pulse, self._silent, self._spared = pulse, 0, 0
            return False
        self._silent += 1
        return self._silent >= (HANG_TICKS if self._pulse else START_TICKS)

    def spare(self) -> bool:
        """For one tick more it is not taken for hung; False where it has been spared enough."""
        self._spared += 1
        return self._spared <= SPARE_TICKS

    @property
    def is_spared(self) -> bool:
        """It would count as hung, were it not spared."""
        return self._spared > 0

    def restart(self) -> None:
        """A new child, whose pulse counts from 0."""
        self._pulse, self._silent, self._spared = 0, 0, 0


def stood_still(before_s: float, after_s: float, elapsed_s: float) -> bool:
    """Whether a core did, for most of a time: it accounts for its seconds while it runs, idle ones
    included."""
    return after_s - before_s < RUNNING_SHARE * elapsed_s


@dataclass(slots=True)
class CrashLimit:
    """When a child may be started again."""

    _crashes: list[Instant] = field(default_factory=list)

    def may_restart(self, now: Instant) -> bool:
        """Counts one crash."""
        self._crashes = [at for at in self._crashes if now - at < CRASH_WINDOW]
        self._crashes.append(now)
        return len(self._crashes) < CRASHES_MAX

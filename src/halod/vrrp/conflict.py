"""Another master beside us that must give way: when it is answered, and when it is over.

Knows the pace of the answers. Must not know what an answer is made of, nor who wins.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.fact import ConflictSeen
from halod.model.units import Duration, Instant
from halod.model.vrrp import VrrpInstance
from halod.vrrp.rivals import Heard
from halod.vrrp.timer_kind import TimerKind

__all__ = ["Conflict"]

ANSWER_GAP = Duration.milliseconds(10)
"""At most one answer in this time: a flood must not be amplified. What comes in between is answered
at its end: a new master announces itself after its advert, and our first answer may have come
before that."""


@dataclass(slots=True)
class Conflict:
    """The conflicts of one router, one after another."""

    timers: dict[TimerKind, Instant]
    """The router's own: ANSWER and CONFLICT_OVER are armed here."""
    _answered: Instant | None = None

    def may_answer(self, now: Instant) -> bool:
        """Whether to answer now; if not, the timer ANSWER will say when."""
        if self._answered is not None and now - self._answered < ANSWER_GAP:
            self.timers[TimerKind.ANSWER] = self._answered + ANSWER_GAP
            return False
        self._answered = now
        self.timers.pop(TimerKind.ANSWER, None)
        return True

    def goes_on(
        self, rival: Heard, config: VrrpInstance, priority_own: int, now: Instant
    ) -> ConflictSeen | None:
        """A weaker master was heard: over after one and a half of the longer interval without
        another advert.

        Answers with the fact to be told where it is the first.
        """
        is_new = TimerKind.CONFLICT_OVER not in self.timers
        interval = max(config.advert_interval, rival.interval)
        gap = interval + interval // 2
        self.timers[TimerKind.CONFLICT_OVER] = now + gap
        if is_new:
            return ConflictSeen(config.name, rival.source, rival.priority, priority_own)
        return None

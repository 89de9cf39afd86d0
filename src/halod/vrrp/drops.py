"""Counts dropped adverts, and decides which drop is worth a line.

Knows the limit of log lines: one a (source, reason) a state change, then a summary a minute.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from halod.model.address import IpAddress
from halod.model.drop import DropReason
from halod.model.event import AdvertReceived
from halod.model.fact import AdvertsDropped
from halod.model.units import Duration, Instant

__all__ = ["DropLedger", "LastDrop"]

SUMMARY_INTERVAL = Duration.seconds(60)
"""A wrong peer sends for days: a line a minute keeps it in sight and the log readable."""
TOLD_MAX = 64
"""(source, reason) pairs remembered: a spoofed flood must not fill memory, nor the log. Those told
over a minute ago make room, so that it hides a mistake no longer than it lasts."""


@dataclass(slots=True)
class _Told:
    at: Instant
    untold: int = 0


@dataclass(frozen=True, slots=True)
class LastDrop:
    """The latest drop, for `why`."""

    source: IpAddress
    detail: str
    at: Instant


@dataclass(slots=True)
class DropLedger:
    """The drops of one instance."""

    instance: str
    counts: Counter[DropReason] = field(default_factory=Counter)
    """Since the start."""
    last: LastDrop | None = None
    _told: dict[tuple[IpAddress, DropReason], _Told] = field(default_factory=dict)
    _full_until: Instant | None = None
    """Sooner none of those told is a minute old: a flood must not cost a look at all of them."""

    def count(
        self, event: AdvertReceived, reason: DropReason, detail: str, now: Instant
    ) -> AdvertsDropped | None:
        """Counts one; the line to be told now, or None."""
        self.counts[reason] += 1
        self.last = LastDrop(event.source, detail, now)
        key = (event.source, reason)
        told = self._told.get(key)
        if told is None:
            if not self._has_room(now):
                return None
            self._told[key] = _Told(now)
            number = 1
        else:
            told.untold += 1
            if now - told.at < SUMMARY_INTERVAL:
                return None
            number, told.untold, told.at = told.untold, 0, now
        return AdvertsDropped(self.instance, event.interface, event.source, reason, number, detail)

    def state_changed(self) -> None:
        """From now on each kind is told anew (RFC 9568, 7.1: logged, subject to rate-limiting)."""
        self._told.clear()

    def _has_room(self, now: Instant) -> bool:
        if len(self._told) < TOLD_MAX:
            return True
        if self._full_until is not None and now < self._full_until:
            return False
        self._told = {
            key: told for key, told in self._told.items() if now - told.at < SUMMARY_INTERVAL
        }
        if len(self._told) < TOLD_MAX:
            return True
        self._full_until = min(told.at for told in self._told.values()) + SUMMARY_INTERVAL
        return False

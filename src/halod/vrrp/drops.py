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

__all__ = ["DropLedger"]

SUMMARY_INTERVAL = Duration.seconds(60)
"""A wrong peer sends for days: a line a minute keeps it in sight and the log readable."""
TOLD_MAX = 64
"""Sources remembered: a spoofed flood must not fill memory."""


@dataclass(slots=True)
class _Told:
    at: Instant
    untold: int = 0


@dataclass(slots=True)
class DropLedger:
    """The drops of one instance, or of one link where no instance has the VRID."""

    instance: str
    """Empty for a link's."""
    counts: Counter[DropReason] = field(default_factory=Counter)
    """Since the start."""
    _told: dict[tuple[IpAddress, DropReason], _Told] = field(default_factory=dict)

    def count(
        self, event: AdvertReceived, reason: DropReason, detail: str, now: Instant
    ) -> AdvertsDropped | None:
        """Counts one; the line to be told now, or None."""
        self.counts[reason] += 1
        key = (event.source, reason)
        told = self._told.get(key)
        if told is None:
            if len(self._told) >= TOLD_MAX:
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
        """From now on each kind is told anew (RFC 9568, 8.3: rate-limited, but not for ever)."""
        self._told.clear()

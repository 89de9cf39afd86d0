"""What every tracker said last: a heartbeat or a runner that is started again begins with that.

Knows reports and when they changed. Must not know what follows from one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from halod.model.event import TrackerReported
from halod.model.tracking import TrackerId
from halod.model.units import Instant

__all__ = ["TrackerMemory"]


@dataclass(slots=True)
class _Word:
    report: TrackerReported
    since: Instant
    """When it became what it is, well or failing."""


class TrackerMemory:
    """At most one report a tracker, and only of those that the configuration has."""

    def __init__(self) -> None:
        self._words: dict[TrackerId, _Word] = {}
        self._trackers: tuple[TrackerId, ...] = ()

    def keep(self, trackers: Iterable[TrackerId]) -> None:
        """Those that are observed from now on; what others said is forgotten."""
        self._trackers = tuple(trackers)
        for gone in self._words.keys() - set(self._trackers):
            del self._words[gone]

    def take(self, report: TrackerReported, now: Instant) -> bool:
        """Whether anybody asked for it."""
        if report.tracker not in self._trackers:
            return False
        before = self._words.get(report.tracker)
        same = before is not None and before.report.up == report.up
        since = before.since if before is not None and same else now
        self._words[report.tracker] = _Word(report, since)
        return True

    @property
    def reports(self) -> tuple[TrackerReported, ...]:
        return tuple(word.report for word in self._words.values())

    def shown(self, now: Instant) -> list[dict[str, Any]]:
        """For status, in the order of the file."""
        rows = []
        for tracker in self._trackers:
            word = self._words.get(tracker)
            rows.append(
                {
                    "kind": tracker.kind.value,
                    "name": tracker.name,
                    "up": word.report.up if word else None,
                    "value": word.report.value if word else None,
                    "detail": word.report.detail if word else "",
                    "since_s": (now - word.since).as_seconds() if word else None,
                }
            )
        return rows

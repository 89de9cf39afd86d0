"""What every tracker of the daemon said last, whoever tracks it.

Knows reports, and that a tracked interface reports by its link. Must not know routers: they read
`reports`, which is kept up to date in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from halod.model.address import Link
from halod.model.event import TrackerReported
from halod.model.tracking import Report, Reports, TrackerId, TrackerKind
from halod.model.vrrp import VrrpInstance

__all__ = ["TrackerBoard"]


class TrackerBoard:
    """At most one report a tracker, and only of trackers that somebody tracks."""

    def __init__(self) -> None:
        self._reports: dict[TrackerId, Report] = {}
        self._tracked: frozenset[TrackerId] = frozenset()

    @property
    def reports(self) -> Reports:
        """The same object for ever."""
        return self._reports

    def track(self, instances: Iterable[VrrpInstance], links: Mapping[str, Link] | None) -> None:
        """What is tracked from now on. What others said is forgotten: it would be old by the time
        when somebody asks again.

        `links`: those that exist; None: they were not told yet.
        """
        self._tracked = frozenset(t.tracker for i in instances for t in i.trackers)
        for tracker in self._reports.keys() - self._tracked:
            del self._reports[tracker]
        if links is not None:
            for tracker in self._tracked:
                if tracker.kind is TrackerKind.INTERFACE:
                    self._reports[tracker] = _report_of(links.get(tracker.name))

    def take(self, event: TrackerReported) -> bool:
        """Whether a report changes anything for those who track it."""
        return self._put(event.tracker, Report(event.up, event.value, event.detail))

    def link_changed(self, interface: str, link: Link | None) -> bool:
        """The same for the report that a link is."""
        return self._put(TrackerId(TrackerKind.INTERFACE, interface), _report_of(link))

    def _put(self, tracker: TrackerId, report: Report) -> bool:
        if tracker not in self._tracked:
            return False
        before = self._reports.get(tracker)
        self._reports[tracker] = report
        return before is None or (before.up, before.value) != (report.up, report.value)


def _report_of(link: Link | None) -> Report:
    if link is None:
        return Report(up=False, detail="it does not exist")
    return Report(link.running)

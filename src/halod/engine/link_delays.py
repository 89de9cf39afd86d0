"""Links as they count: a carrier that comes or goes does so only when it has lasted.

Knows which change waits until when. Must not know who minds a link. That a link is gone, and what
addresses it has, counts at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from halod.model.address import Link
from halod.model.link_delay import LinkDelay
from halod.model.units import ZERO, Instant

__all__ = ["LinkDelays"]


class LinkDelays:
    """Of all interfaces that have one."""

    def __init__(self, delays: Iterable[LinkDelay]) -> None:
        self._delays = {delay.interface: delay for delay in delays}
        self._seen: dict[str, Link] = {}
        """As the kernel told it last."""
        self._runs: dict[str, bool] = {}
        """Whether it counts as running."""
        self._due: dict[str, Instant] = {}

    def adopt(self, delays: Iterable[LinkDelay]) -> None:
        """After a reload; what waits already goes on waiting."""
        self._delays = {delay.interface: delay for delay in delays}

    def observe(self, link: Link, now: Instant) -> Link:
        """The link as it counts now."""
        runs = self._runs.setdefault(link.name, link.running)
        self._seen[link.name] = link
        if link.running is runs:
            self._due.pop(link.name, None)
            return link
        delay = self._delays.get(link.name)
        wait = ZERO if delay is None else delay.up if link.running else delay.down
        if wait == ZERO:
            self._runs[link.name] = link.running
            return link
        self._due.setdefault(link.name, now + wait)
        return replace(link, running=runs)

    def gone(self, interface: str) -> None:
        """It does not exist any more."""
        for each in (self._seen, self._runs, self._due):
            each.pop(interface, None)

    def first(self) -> Instant | None:
        """When the next change counts; None: none waits."""
        return min(self._due.values(), default=None)

    def due(self, now: Instant) -> list[Link]:
        """The links whose change counts from now on."""
        names = [name for name, due in self._due.items() if due <= now]
        for name in names:
            del self._due[name]
            self._runs[name] = self._seen[name].running
        return [self._seen[name] for name in names]

"""Watches the processes and files that instances track; each change is reported.

Knows how often to look. Must not know who minds a change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from halod.kernel.clock import boot_now
from halod.kernel.number_file import make_file, read_number
from halod.kernel.process_list import count_processes
from halod.model.event import TrackerReported
from halod.model.track_file import VrrpTrackFile
from halod.model.track_process import VrrpTrackProcess
from halod.model.tracking import TrackerId
from halod.vrrp.process_quorum import ProcessQuorum

__all__ = ["Observation"]

LOOK_EVERY_S = 0.25
"""A machine with a thousand processes is read in about 10 ms; at most so late a change is seen."""


class Observation:
    """Of one configuration."""

    def __init__(
        self,
        processes: Sequence[VrrpTrackProcess],
        files: Sequence[VrrpTrackFile],
        before: Mapping[TrackerId, bool],
        report: Callable[[TrackerReported], None],
        trouble: Callable[[str, str], None],
    ) -> None:
        """`before`: what each was when somebody else watched."""
        self.processes, self.files = tuple(processes), tuple(files)
        self._report = report
        self._quorums = [ProcessQuorum(each, before.get(each.tracker)) for each in processes]
        self._numbers: dict[TrackerId, int] = {}
        for file in files:
            if file.tracker not in before:
                trouble(f"track_file {file.name}", make_file(file) or "")

    @property
    def known(self) -> dict[TrackerId, bool]:
        """What each is, for who watches next."""
        found = {q.config.tracker: q.up for q in self._quorums if q.up is not None}
        return {**found, **{tracker: number == 0 for tracker, number in self._numbers.items()}}

    async def go_on(self) -> None:
        """Until it is cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Once: reports what is new."""
        if self.processes:
            counts, now = count_processes(self.processes), boot_now()
            for quorum in self._quorums:
                count = counts[quorum.config.name]
                if quorum.take(count, now):
                    assert quorum.up is not None
                    detail = "" if quorum.up else _lack(quorum.config, count)
                    self._report(TrackerReported(quorum.config.tracker, quorum.up, detail=detail))
        for file in self.files:
            number = read_number(file.path)
            if self._numbers.get(file.tracker) != number:
                self._numbers[file.tracker] = number
                self._report(TrackerReported(file.tracker, up=number == 0, value=number))


def _lack(config: VrrpTrackProcess, count: int) -> str:
    """`0 of 1 run`."""
    if count < config.quorum:
        return f"{count} of {config.quorum} run"
    return f"{count} run, and {config.quorum_max} at most may"

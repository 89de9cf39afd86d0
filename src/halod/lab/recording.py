"""Programs that measure, while they run: started on a machine, stopped, their lines read.

Knows how they are run; `records.py` knows their lines. Must not interpret: `report.py` does.
"""

import signal
import sys
import time
from pathlib import Path

from halod.lab.errors import LabError
from halod.lab.http_prober import DEADLINE_S
from halod.lab.machine import Machine
from halod.lab.ownership import Change
from halod.lab.patience import wait_until
from halod.lab.process import ProcessId
from halod.lab.records import GrowingRecords, read_changes, read_probes
from halod.lab.report import Probe, Request

START_WITHIN_S = 10.0
"""Seconds within which a measuring program must write its first line; it takes 0.1 s when idle."""

STOP_WITHIN_S = DEADLINE_S + 3.0
"""Seconds within which one must end: requests under way may take their whole deadline."""


class Recording:
    """One run of a measuring program, whose lines are its log."""

    def __init__(
        self, machine: Machine, module: str, arguments: list[str], *, first_line: bool = True
    ) -> None:
        """Starts it, and waits for its first line unless that may take as long as an outage."""
        self.machine = machine
        self.start_ns = time.monotonic_ns()
        self.end_ns: int | None = None
        self.name = f"{module.rsplit('.', 1)[-1]}-{self.start_ns}"
        self._unread = GrowingRecords(self.path)
        self._requests: list[Request] = []
        command = [sys.executable, "-m", module, *arguments]
        self.process: ProcessId = machine.start(self.name, command)
        if first_line:
            wait_until(lambda: self.text() or not self.process.alive, START_WITHIN_S)
        if not self.process.alive:
            raise LabError(f"{module} on {machine.name} ended at once:\n{self.text()}")

    @property
    def path(self) -> Path:
        """Where its lines go."""
        return self.machine.log_path(self.name)

    def text(self) -> str:
        """What it has written so far."""
        return self.path.read_text()

    def stop(self) -> None:
        """Let it finish what is under way and end; doing it twice is no error."""
        if self.end_ns is not None:
            return
        self.end_ns = time.monotonic_ns()
        self.process.send(signal.SIGTERM)
        if not self.process.wait_gone(STOP_WITHIN_S):
            raise LabError(f"{self.name} on {self.machine.name} does not end")
        self.machine.reap()

    def dismiss(self) -> None:
        """Let it finish what is under way and end by itself, for nobody waits."""
        self.process.send(signal.SIGTERM)

    def probes(self) -> list[Probe]:
        """The prober's questions that are decided, in the order sent."""
        return read_probes([self.path])

    def requests(self) -> list[Request]:
        """The HTTP prober's requests that are finished, in the order sent.

        Each line is read once: thousands of them are asked for every 20 ms, beside what is watched.
        """
        self._requests += (Request(**record) for record in self._unread.more())
        self._requests.sort(key=lambda request: request.sent_ns)
        return list(self._requests)

    def changes(self) -> list[Change]:
        """The owner watch's changes, in the order of time."""
        return read_changes([self.path])

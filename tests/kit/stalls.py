"""When did the machine itself stand still? One witness a core, who does nothing but wake up.

    python -m tests.kit.stalls FILE CORE SECONDS

Knows clocks, processors and their scheduling. Must not know what was measured meanwhile.

A virtual machine is not always given its processors: stretches of 0.05 to 1.5 s were seen in which
a core did nothing at all, often several a minute, and no program on it can tell. A time that was
measured across one of them says nothing of the program. The witnesses run before everything else on
their core (SCHED_FIFO, where that is allowed), so what they miss, everybody missed.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.capabilities import ROOT

__all__ = ["STALL_S", "Stall", "Witnesses", "main", "read_stalls", "witnesses"]

STALL_S = 0.03
"""Shorter ones are within what every test allows a busy machine."""
_EVERY_S = 0.005
_ABOVE_ALL_HALOD = 90
"""halod's heartbeat runs at 50, and everything else here below it (sched(7))."""


@dataclass(frozen=True, slots=True)
class Stall:
    """A core did nothing from one moment to another, ns of CLOCK_MONOTONIC."""

    start_ns: int
    end_ns: int
    core: int

    @property
    def seconds(self) -> float:
        return (self.end_ns - self.start_ns) / 1e9


def main(file: str, core: int, stall_s: float) -> None:
    """Bears witness to longer ones until it is ended, or until whoever asked for it is gone."""
    os.sched_setaffinity(0, {core})
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_ABOVE_ALL_HALOD))
    parent = os.getppid()
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND)
    while os.getppid() == parent:
        before = time.monotonic_ns()
        time.sleep(_EVERY_S)
        after = time.monotonic_ns()
        if after - before > (stall_s + _EVERY_S) * 1e9:
            os.write(descriptor, f"{before} {after} {core}\n".encode())


def read_stalls(file: Path, since_ns: int) -> list[Stall]:
    """Those that ended since a moment, a stall included that ends just now."""
    _visit_every_core()
    lines = file.read_text().splitlines()
    stalls = [Stall(*map(int, line.split())) for line in lines]
    return [stall for stall in stalls if stall.end_ns > since_ns]


def _visit_every_core() -> None:
    """A core that stands still answers when it is back, and then its witness speaks first."""
    own = os.sched_getaffinity(0)
    for core in own:
        os.sched_setaffinity(0, {core})
        time.sleep(2 * _EVERY_S)
    os.sched_setaffinity(0, own)


@dataclass(frozen=True)
class Witnesses:
    """Those of every core, and where they write."""

    file: Path
    processes: list[subprocess.Popen[bytes]]

    @classmethod
    def start(cls, file: Path, stall_s: float = STALL_S) -> Witnesses:
        """Returns at once: they are awake within a second."""
        file.touch()
        command = [sys.executable, "-m", "tests.kit.stalls", str(file)]
        return cls(
            file,
            [
                subprocess.Popen([*command, str(core), str(stall_s)], cwd=ROOT)
                for core in sorted(os.sched_getaffinity(0))
            ],
        )

    def stop(self) -> None:
        """Ends them."""
        for process in self.processes:
            process.kill()
            process.wait()


@contextlib.contextmanager
def witnesses(file: Path) -> Iterator[Witnesses]:
    """Witnesses while the block runs."""
    started = Witnesses.start(file)
    try:
        yield started
    finally:
        started.stop()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))

"""Adverts beside ten thousand checks: what the checker takes of the machine, the heartbeat must not
miss.

Knows both. Must not judge. The checker and the pair run on one machine, as a balancer's do; what is
asked runs there, too, which is worse than life.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.checks import LOOP, configuration, keeper_of, target
from bench.load import Load, measure_load
from bench.many import Pace
from halod.daemon.checker_keeper import CheckerKeeper
from halod.daemon.verdict_message import VerdictBatch

__all__ = ["DUE_S", "Beside", "measure_beside"]

CHECKS = 10_000
DUE_S = CHECKS / LOOP.as_seconds()
"""Checks that are due a second."""
INSTANCES = 10
PACE = Pace(3, 0.1)
READY_WITHIN_S = 60.0
VIEW_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Beside:
    """One run."""

    load: Load
    """Of the pair."""
    attempts_s: float
    """Checks a second that went on meanwhile."""
    false_failures: int
    """Verdicts that called a server down: all of them serve."""


class _Checks:
    """Those that go on, from another thread than theirs."""

    def __init__(self, port: int) -> None:
        self.false_failures = 0
        self._begun, self._stopping = threading.Event(), asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._keeper: CheckerKeeper = keeper_of(configuration(CHECKS, "both", port), self._hear)
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._live()))

    def start(self) -> None:
        """Returns with the first verdict."""
        self._thread.start()
        assert self._begun.wait(READY_WITHIN_S), "no verdict"

    def attempts(self) -> int:
        """So far."""
        views = asyncio.run_coroutine_threadsafe(self._keeper.views(), self._loop)
        return int(views.result(VIEW_WITHIN_S)[1]["attempts"])

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._loop.close()

    async def _live(self) -> None:
        self._keeper.adopt()
        try:
            await self._stopping.wait()
        finally:
            await self._keeper.stop()

    def _hear(self, batch: VerdictBatch) -> None:
        self.false_failures += sum(not each.up for each in batch.verdicts)
        self._begun.set()


def measure_beside(seconds: float) -> Beside:
    """A pair at 0.1 s, with checks going on."""
    with tempfile.TemporaryDirectory() as folder, target(Path(folder)) as port:
        with checking(port) as checks:
            began, before = time.monotonic(), checks.attempts()
            load = measure_load("halod", INSTANCES, PACE, seconds)
            attempts, took = checks.attempts() - before, time.monotonic() - began
        return Beside(load, attempts / took, checks.false_failures)


@contextmanager
def checking(port: int) -> Iterator[_Checks]:
    """From the first verdict on, until the end of the block."""
    checks = _Checks(port)
    try:
        checks.start()
        yield checks
    finally:
        checks.stop()

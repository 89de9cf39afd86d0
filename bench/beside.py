"""Adverts beside ten thousand checks: what the checker takes of the machine, the heartbeat must not
miss.

Knows both. Must not judge. The checker and the pair run on one machine, as a balancer's do; what is
asked runs there, too, which is worse than life.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.checks import configuration, keeper_of, target
from bench.load import Load, measure_load
from bench.many import Pace

__all__ = ["measure_beside"]

CHECKS = 10_000
INSTANCES = 10
PACE = Pace(3, 0.1)
READY_WITHIN_S = 60.0


def measure_beside(seconds: float) -> Load:
    """A pair at 0.1 s, with checks going on."""
    with tempfile.TemporaryDirectory() as folder, target(Path(folder)) as port, checking(port):
        return measure_load("halod", INSTANCES, PACE, seconds)


@contextmanager
def checking(port: int) -> Iterator[None]:
    """From the first verdict on, until the end of the block."""
    loop = asyncio.new_event_loop()
    stopping = asyncio.Event()
    begun = threading.Event()

    async def live() -> None:
        keeper = keeper_of(configuration(CHECKS, "both", port), lambda _: begun.set())
        keeper.adopt()
        try:
            await stopping.wait()
        finally:
            await keeper.stop()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()))
    thread.start()
    try:
        assert begun.wait(READY_WITHIN_S), "no verdict"
        yield
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()

"""Being on time: what the lab's measuring programs do so that a busy machine does not blur figures.

Knows the scheduler and the collector, nothing of what is measured.
"""

import contextlib
import gc
import os
import signal

REAL_TIME_PRIORITY = 1
"""The lowest real-time priority: above every ordinary process, below a heartbeat under test."""


class Stop:
    """Whether SIGTERM or SIGINT has come: measuring programs end by it and write what they have."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: self._ask())

    def _ask(self) -> None:
        self.asked = True


EVERY = "--every-ms="


def pace(arguments: list[str], usual_s: float) -> tuple[float, list[str]]:
    """Seconds between two questions, by the option in front or as usual; and the other words."""
    if arguments and arguments[0].startswith(EVERY):
        return int(arguments[0].removeprefix(EVERY)) / 1000, arguments[1:]
    return usual_s, arguments


def be_punctual() -> None:
    """Run before ordinary processes where that is permitted, and without collector pauses."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REAL_TIME_PRIORITY))
    gc.collect()
    gc.freeze()

"""Waiting in the lab: ask again and again until a deadline; never sleep and hope.

Knows the clock, and nothing of what is waited for.
"""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_EVERY_S = 0.02
"""Pause between two questions, seconds: short beside every time the lab looks at (0.5 s and up),
long enough that asking does not take the processor from the programs that are observed."""


def wait_until(question: Callable[[], T], within_s: float, every_s: float = POLL_EVERY_S) -> T:
    """Ask until the answer is truthy or `within_s` seconds are over; the last answer either way."""
    deadline = time.monotonic() + within_s
    while True:
        answer = question()
        if answer or time.monotonic() >= deadline:
            return answer
        time.sleep(every_s)


def stays_true(question: Callable[[], bool], for_s: float, every_s: float = POLL_EVERY_S) -> bool:
    """Whether the answer is True each time during `for_s` seconds; ends on the first False."""
    deadline = time.monotonic() + for_s
    while time.monotonic() < deadline:
        if not question():
            return False
        time.sleep(every_s)
    return question()

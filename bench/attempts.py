"""A measurement that a busy machine spoiled before it began, again.

Knows LabError: a node that does not start in time, or a pair that changed over before the fault.
Must not know figures: what was measured counts, however bad it is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar

from halod.lab.errors import LabError

__all__ = ["attempt"]

ATTEMPTS = 3
T = TypeVar("T")


def attempt(measure: Callable[[], T]) -> T:
    """The first run that came about; the last one's error where none did."""
    for _ in range(ATTEMPTS - 1):
        with contextlib.suppress(LabError):
            return measure()
    return measure()

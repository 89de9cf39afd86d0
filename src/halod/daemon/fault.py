"""A fault of our own in one line: a cause for the operator, and places for whoever mends it.

Knows exceptions. Must not know what ends with one.
"""

from __future__ import annotations

import traceback
from pathlib import PurePath

__all__ = ["cause_of"]

PLACES_MAX = 5
"""Places in the source, the innermost first: enough to find a fault, and one line still."""


def cause_of(error: BaseException) -> str:
    """What it was and where; a trace over many lines helps nobody at night."""
    frames = traceback.extract_tb(error.__traceback__)[-PLACES_MAX:]
    places = [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames)]
    where = f" (at {', '.join(places)})" if places else ""
    return f"{type(error).__name__}: {error}{where}"

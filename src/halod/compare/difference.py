"""A difference between nodes, as a value.

Knows what is told and where. Must not know how it is found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from halod.model.diagnostic import Span

__all__ = ["Difference", "Gravity", "listed"]


class Gravity(Enum):
    """What a difference does to the cluster."""

    BREAKS = "breaks"
    """Two masters, or an address that nobody takes."""
    RISK = "risk"
    """It works, and not as one would expect."""
    NOTE = "note"
    """Worth knowing."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One, told once."""

    gravity: Gravity
    sentence: str
    """What differs and what follows; no secret is in it."""
    places: tuple[Span, ...]
    """Where to look, a place a node."""


def listed(words: Iterable[object]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = map(str, words)
    return f"{', '.join(most)} and {last}" if most else last

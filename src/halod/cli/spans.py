"""A span of time for people.

Knows units. Must not know what took so long.
"""

from __future__ import annotations

__all__ = ["span"]


def span(seconds: float | None) -> str:
    """`3.2 s`, `4 min 5 s`, `2 h 3 min`, `5 d 2 h`."""
    if seconds is None:
        return "-"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    for size, unit, small, small_unit in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // small} {small_unit}"
    raise AssertionError(seconds)

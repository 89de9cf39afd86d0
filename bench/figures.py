"""How figures are shown: medians with their spread, and ratios.

Knows numbers and widths. Must not know what they mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

__all__ = ["CELL", "HEAD", "Outcome", "cells", "ratio", "ratio_text", "spread"]

Outcome = tuple[list[dict[str, Any]], list[str]]
"""What was measured, as JSON can carry it; and the goals that were missed, a sentence each."""

HEAD, CELL = 38, 24
"""Columns of a row's name, and of each figure."""


def spread(values: Sequence[float]) -> str:
    """`0.610 (0.605-0.615)`."""
    return f"{median(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def ratio(ours: float, theirs: float) -> float | None:
    """How many times keepalived's figure is ours; None where keepalived's is nothing."""
    return ours / theirs if theirs > 0 else None


def ratio_text(value: float | None) -> str:
    """`0.98`, or a dash."""
    return "-" if value is None else f"{value:.2f}"


def cells(head: str, texts: Sequence[str]) -> str:
    """One line of a table."""
    return (f"{head:{HEAD}}" + "".join(f"{text:<{CELL}}" for text in texts)).rstrip()

"""`weight 0` reads like "no effect", and means FAULT."""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered
from halod.model.diagnostic import Label

__all__ = ["zero_weight"]


def zero_weight(found: Sequence[Lowered], findings: Findings) -> None:
    """Told only where the zero is written: without a weight FAULT is what everybody expects."""
    for lowered in found:
        for placed in lowered.trackers:
            if placed.tracked.weight != 0 or placed.weight is None:
                continue
            findings.add(
                Code.ZERO_WEIGHT,
                f"when `{placed.entry.shown}` fails, `{lowered.shown_name}` goes to FAULT: "
                "weight 0 does not mean that it is of no weight",
                placed.entry.span,
                secondary=(Label(placed.weight, "the same as no weight at all"),),
                notes=("where it fails on all nodes, nobody holds the addresses",),
                helps=("remove `weight 0` if FAULT is meant; else give it a weight",),
            )

"""One address in two instances: the first that lets go takes it from the other."""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered
from halod.model.diagnostic import Label, Span

__all__ = ["same_address"]


def same_address(found: Sequence[Lowered], findings: Findings) -> None:
    """Told at the address of the second instance."""
    first: dict[tuple[object, str], tuple[Lowered, Span]] = {}
    for lowered in found:
        places = zip(lowered.instance.held, lowered.addresses, strict=True)
        for address, span in places:
            key = (address.address, address.interface)
            earlier, there = first.setdefault(key, (lowered, span))
            if earlier is lowered:
                continue
            findings.add(
                Code.SAME_ADDRESS,
                f"`{earlier.shown_name}` and `{lowered.shown_name}` both hold "
                f"{address.address}: when one lets go, the other loses it",
                span,
                secondary=(Label(there, "it stands here already"),),
                helps=("give every address to one instance",),
            )

"""One address in two instances: the first that lets go takes it from the other."""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered

__all__ = ["same_address"]


def same_address(found: Sequence[Lowered], findings: Findings) -> None:
    """Told at the name of the second instance."""
    first: dict[tuple[object, str], Lowered] = {}
    for lowered in found:
        for address in lowered.instance.addresses:
            earlier = first.setdefault((address.address, address.interface), lowered)
            if earlier is lowered:
                continue
            findings.add(
                Code.SAME_ADDRESS,
                f"`{earlier.instance.name}` and `{lowered.instance.name}` both hold "
                f"{address.address}: when one lets go, the other loses it",
                lowered.name,
                helps=("give every address to one instance",),
            )

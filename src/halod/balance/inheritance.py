"""Which check of an old configuration goes on as which check of a new one.

Knows when two checks are one. Must not know what state a check is in.

Times may change: a check that asks the same of the same server goes on with what is known of it.
One that asks something else begins anew, as in keepalived.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from halod.model.check import Check, CheckTiming

__all__ = ["same_checks"]

_ANY_TIMES = CheckTiming()


def same_checks(old: Sequence[Check], new: Sequence[Check]) -> dict[int, int]:
    """Place in `new` to place in `old`, of one real server; each of `old` goes on at most once."""
    if old == new:
        return {number: number for number in range(len(new))}
    left = {number: replace(check, timing=_ANY_TIMES) for number, check in enumerate(old)}
    found: dict[int, int] = {}
    for number, check in enumerate(new):
        timeless = replace(check, timing=_ANY_TIMES)
        match = next((at for at, candidate in left.items() if candidate == timeless), None)
        if match is not None:
            found[number] = match
            del left[match]
    return found

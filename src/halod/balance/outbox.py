"""Where a pool puts what it has to say.

Knows two lists. What changes in the table is worked out from what the pool is afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from halod.model.balance_effect import ServerNotice
from halod.model.balance_fact import BalanceFact

__all__ = ["BalanceOutbox"]


@dataclass(slots=True)
class BalanceOutbox:
    """Filled by one call of the engine, emptied into its `BalanceReady`."""

    notices: list[ServerNotice] = field(default_factory=list)
    """In keepalived's order: the real server, then the quorum that follows from it."""
    facts: list[BalanceFact] = field(default_factory=list)
    """In the order in which they became true."""

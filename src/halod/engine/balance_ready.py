"""What one call of the balance engine wants done, in the order in which it must be done.

Knows the ORDER and why. The driver performs `effects` from the first to the last, and the events
that failures come back as after that:

1. timeouts: they hold for connections that begin from now on.
2. operations: clients wait for these, and nothing else here may delay them. Their own order is that
   of `balance.plan`: what serves is added before what is removed.
3. flushing the table at a stop: operations for what halod made are not needed then.
4. the sync daemon: its roles follow those of VRRP, whose address is moved already.
5. suspending checks: what is not checked any more has been told of all it was told.
6. notices: programs of the operator may take long, and what they find must be true already.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from halod.model.balance_effect import (
    ApplyOperations,
    BalanceEffect,
    FlushTable,
    ServerNotice,
    SetTimeouts,
    StartSyncDaemon,
    StopSyncDaemon,
    SuspendChecks,
)
from halod.model.balance_fact import BalanceFact

__all__ = ["BalanceReady"]


@dataclass(frozen=True, slots=True)
class BalanceReady:
    """One batch out for one event in."""

    effects: tuple[BalanceEffect, ...] = ()
    """In the order of this file."""
    facts: tuple[BalanceFact, ...] = ()
    """What became true, in the order in which it did."""

    @classmethod
    def of(cls, effects: Iterable[BalanceEffect], facts: Iterable[BalanceFact]) -> BalanceReady:
        """Sorts what was wanted; the sort is stable, so that notices keep their own order."""
        return cls(tuple(sorted(effects, key=_rank)), tuple(facts))


def _rank(effect: BalanceEffect) -> int:
    match effect:
        case SetTimeouts():
            return 1
        case ApplyOperations():
            return 2
        case FlushTable():
            return 3
        case StopSyncDaemon() | StartSyncDaemon():
            return 4
        case SuspendChecks():
            return 5
        case ServerNotice():
            return 6
        case _:
            assert_never(effect)

"""What one call of an engine wants done, in the order in which it must be done.

Knows the ORDER and why. The driver performs `in_order()` from the first to the last:

1. adverts. On becoming MASTER: the advert silences weaker masters and the other backups before we
   own anything, and the lease of the addresses is reckoned from it. On leaving: the priority-0
   advert starts the next master's Skew_Time (at least 3.9 ms in v2), and the addresses are gone
   before that has passed. While two are masters: the answer ends the rival before clients are told.
2. revocations: before grants, so that an address which moves from one instance to another on a
   reload is not taken down after it was put up.
3. grants: an address must stand before it is announced, else the first packets that the
   announcement draws are answered by nobody.
4. renewals: after the advert that earns them, and after grants, which clients wait for.
5. announcements (gratuitous ARP): last of what clients see.
6. notifications: programs of the operator may take long, and what they find must be true already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from halod.model.effect import (
    AnnounceAddresses,
    Effect,
    GrantAddresses,
    Notify,
    RenewAddresses,
    RevokeAddresses,
    SendAdvert,
)
from halod.model.fact import Fact
from halod.vrrp.outbox import Outbox

__all__ = ["Ready"]


@dataclass(frozen=True, slots=True)
class Ready:
    """One batch out for one event in."""

    effects: tuple[Effect, ...] = ()
    """Already in the order of this file."""
    facts: tuple[Fact, ...] = ()
    """What became true, in the order in which it did."""

    @classmethod
    def of(cls, outbox: Outbox) -> Ready:
        """Sorts what machines wanted; the sort is stable, so each keeps its own order."""
        return cls(tuple(sorted(outbox.effects, key=_rank)), tuple(outbox.facts))

    def in_order(self) -> Iterator[Effect]:
        """The effects, first to last."""
        return iter(self.effects)


def _rank(effect: Effect) -> int:
    match effect:
        case SendAdvert():
            return 1
        case RevokeAddresses():
            return 2
        case GrantAddresses():
            return 3
        case RenewAddresses():
            return 4
        case AnnounceAddresses():
            return 5
        case Notify():
            return 6
        case _:
            assert_never(effect)

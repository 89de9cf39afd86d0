"""What one call of an engine wants done, in the order in which it must be done.

Knows the ORDER and why. The driver performs `in_order()` from the first to the last:

1. adverts. On becoming MASTER: the advert silences weaker masters and the other backups before we
   own anything, and the lease of the addresses is reckoned from it. On leaving: the priority-0
   advert starts the next master's Skew_Time (at least 3.9 ms in v2), and the addresses are gone
   before that has passed. While two are masters: the answer ends the rival before clients are told.
2. shutting gates: a store silences the addresses, long before the kernel has removed them.
3. routes and rules go, then revocations. Before grants, so that an address which moves from one
   instance to another on a reload is not taken down after it was put up. What a batch grants and
   then revokes (an owner that overslept, and reads at once that its link is down) is not granted at
   all.
4. opening gates: a store that the advert has earned; before the address stands, so that it is heard
   as soon as it does.
5. one instance after the other: grants, then routes and rules, whose source may be an address, then
   announcements (gratuitous ARP). An address must stand before it is announced, else the first
   packets that the announcement draws are answered by nobody; and what stands is announced before
   the kernel puts up the addresses of others, which takes its time.
6. renewals: after the advert that earns them, and after what clients wait for.
7. notifications: programs of the operator may take long, and what they find must be true already.

An advert that the kernel did not take earns nothing: what follows from it (4 to 6) is not done.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import assert_never

from halod.model.address import VirtualAddress
from halod.model.effect import (
    AnnounceAddresses,
    Effect,
    GrantAddresses,
    InstallRouting,
    Mention,
    Notify,
    OpenGate,
    RemoveRouting,
    RenewAddresses,
    RevokeAddresses,
    SendAdvert,
    ShutGate,
)
from halod.model.fact import Fact
from halod.model.routing import NO_ROUTING, Routing
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
        ordered = sorted(_lasting(outbox.effects), key=_rank)
        return cls(tuple(_by_instance(ordered)), tuple(outbox.facts))

    def in_order(self) -> Iterator[Effect]:
        """The effects, first to last."""
        return iter(self.effects)


def _lasting(effects: Sequence[Effect]) -> Sequence[Effect]:
    """Without the grants and announcements that the same batch revokes later."""
    if not any(isinstance(effect, RevokeAddresses | ShutGate) for effect in effects):
        return effects
    revoked: set[tuple[str, int, VirtualAddress]] = set()
    shut: set[str] = set()
    removed: dict[tuple[str, int], Routing] = {}
    lasting: list[Effect] = []
    for effect in reversed(effects):
        if isinstance(effect, RevokeAddresses):
            revoked.update((effect.instance, effect.term, a) for a in effect.addresses)
        elif isinstance(effect, ShutGate):
            shut.add(effect.instance)
        elif isinstance(effect, RemoveRouting):
            removed[effect.instance, effect.term] = effect.routing
        elif isinstance(effect, InstallRouting):
            gone = removed.get((effect.instance, effect.term), NO_ROUTING)
            effect = replace(effect, routing=effect.routing.without(gone))
            if not effect.routing:
                continue
        elif isinstance(effect, OpenGate) and effect.instance in shut:
            continue
        elif isinstance(effect, GrantAddresses | AnnounceAddresses):
            key = (effect.instance, effect.term)
            left = tuple(a for a in effect.addresses if (*key, a) not in revoked)
            if not left:
                continue
            effect = replace(effect, addresses=left)
        lasting.append(effect)
    return lasting[::-1]


def _by_instance(ordered: list[Effect]) -> list[Effect]:
    """Sorted already: brings together what each instance wants to hold and to announce."""
    if not any(isinstance(effect, AnnounceAddresses) for effect in ordered):
        return ordered
    ranks = [_rank(effect) for effect in ordered]
    first, end = ranks.index(_RANK_HOLD), bisect_right(ranks, _RANK_HOLD)
    seats: dict[str, list[Effect]] = {}
    for effect in ordered[first:end]:
        seats.setdefault(effect.instance, []).append(effect)
    for wanted in seats.values():
        wanted.sort(key=lambda effect: isinstance(effect, AnnounceAddresses))
    return [*ordered[:first], *chain.from_iterable(seats.values()), *ordered[end:]]


_RANK_HOLD = 5
"""Of what puts up addresses, or tells of them."""


def _rank(effect: Effect) -> int:
    match effect:
        case SendAdvert():
            return 1
        case ShutGate():
            return 2
        case RemoveRouting() | RevokeAddresses():
            return 3
        case OpenGate():
            return 4
        case GrantAddresses() | InstallRouting() | AnnounceAddresses():
            return _RANK_HOLD
        case RenewAddresses():
            return 6
        case Notify() | Mention():
            return 7
        case _:
            assert_never(effect)

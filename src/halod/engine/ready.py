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

Masters that go on come as rounds, not as an effect each: their adverts are the first of step 1,
what they open is the first of step 4.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
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
from halod.vrrp.routine import Round

__all__ = ["Ready"]


@dataclass(frozen=True, slots=True)
class Ready:
    """One batch out for one event in."""

    before: tuple[Effect, ...] = ()
    """Steps 1 to 3 of this file, in their order."""
    facts: tuple[Fact, ...] = ()
    """What became true, in the order in which it did."""
    rounds: tuple[Round, ...] = ()
    """Adverts of masters that go on: they are sent before `before`, and open before `after`."""
    after: tuple[Effect, ...] = ()
    """Steps 4 to 7."""

    @classmethod
    def of(cls, outbox: Outbox) -> Ready:
        """Sorts what machines wanted; the sort is stable, so each keeps its own order."""
        facts, rounds = tuple(outbox.facts), tuple(outbox.rounds)
        if not outbox.effects:
            return cls((), facts, rounds)
        ordered = sorted(_lasting(outbox.effects), key=_rank)
        middle = bisect_left(ordered, _RANK_OPEN, key=_rank)
        return cls(tuple(ordered[:middle]), facts, rounds, tuple(_by_instance(ordered[middle:])))

    @property
    def effects(self) -> tuple[Effect, ...]:
        """All of it, each effect for itself, first to last."""
        return tuple(self.in_order())

    def in_order(self) -> Iterator[Effect]:
        """The same one by one."""
        for each in self.rounds:
            yield from (routine.advert for routine in each.routines)
        yield from self.before
        for each in self.rounds:
            yield from each.opened()
        yield from self.after


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


_RANK_OPEN = 4
"""Of what an advert earns, and all that follows."""
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
            return _RANK_OPEN
        case GrantAddresses() | InstallRouting() | AnnounceAddresses():
            return _RANK_HOLD
        case RenewAddresses():
            return 6
        case Notify() | Mention():
            return 7
        case _:
            assert_never(effect)

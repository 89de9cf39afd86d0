"""Weights as slots: which real server stands behind each number that nftables draws.

Knows weights and order. Must not know rules, nor what draws the number. Both directors of a pair
come to the same slots from the same servers, so that a hash leads to the same server on either.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from functools import reduce

from halod.model.nft_fitness import Choice
from halod.model.service_table import Destination

__all__ = ["SLOTS_MAX", "SLOTS_STEP", "slots_of"]

SLOTS_MAX = 1024
"""Slots of a service: more cost memory and a longer transaction, and bring the shares no nearer to
the weights than one part in a thousand."""
SLOTS_EACH_MIN = 16
"""With very many servers: so many for each on the average, all the same."""
SLOTS_STEP = 1 << 14
"""Between the first slots of two services: none has so many, with fewer than a thousand servers."""
MAGLEV_SLOTS = 251
"""The smallest table that IPVS has for mh (a prime): a change moves few of them."""
_HASH_MIN = 2
"""A hash of older kernels refuses to choose among one."""
_DRAW = 1 << 64


def slots_of(
    servers: Sequence[tuple[int, Destination]], choice: Choice, *, is_maglev: bool
) -> tuple[int, ...]:
    """Number of the server behind each slot, from (number, server) in a fixed order. Empty: none
    takes new connections."""
    live = [(number, server.weight) for number, server in servers if server.weight > 0]
    if not live:
        return ()
    if choice is Choice.HEAVIEST:
        heaviest = max(weight for _, weight in live)
        return (next(number for number, weight in live if weight == heaviest),)
    if is_maglev and len(live) > 1:
        return _rendezvous(live)
    numbers = [number for number, _ in live]
    order = _interleaved(_shares([weight for _, weight in live]))
    slots = tuple(numbers[position] for position in order)
    if len(slots) < _HASH_MIN and choice is not Choice.TURNS:
        return slots * _HASH_MIN
    return slots


def _shares(weights: Sequence[int]) -> list[int]:
    """Slots of each: as the weights are, or as near as the limit allows, and none is left out."""
    divisor = reduce(math.gcd, weights)
    reduced = [weight // divisor for weight in weights]
    limit = min(max(SLOTS_MAX, SLOTS_EACH_MIN * len(weights)), SLOTS_STEP // 2)
    total = sum(reduced)
    if total <= limit:
        return reduced
    return [max(1, round(weight * limit / total)) for weight in reduced]


def _interleaved(shares: Sequence[int]) -> list[int]:
    """Each as evenly spread over the round as it can be: 1:2:3 is c b c a b c, not a b b c c c."""
    places = [
        ((turn + 0.5) / share, position)
        for position, share in enumerate(shares)
        for turn in range(share)
    ]
    return [position for _, position in sorted(places)]


def _rendezvous(live: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Every slot goes to the server that draws highest for it (weighted rendezvous hashing): one
    that goes takes along its own slots alone."""
    return tuple(
        max(live, key=lambda server: _drawn(server[0], slot) / server[1])[0]
        for slot in range(MAGLEV_SLOTS)
    )


def _drawn(number: int, slot: int) -> float:
    """Below 0; nearer to 0 is better."""
    digest = hashlib.blake2b(f"{number} {slot}".encode(), digest_size=8).digest()
    return math.log((int.from_bytes(digest, "big") + 1) / _DRAW)

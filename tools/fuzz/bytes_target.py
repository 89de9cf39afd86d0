"""Decoders over damaged bytes: what a target of several of them has in common.

Knows how bytes are damaged and shrunk. Must not know any decoder.
"""

from __future__ import annotations

import random
from abc import ABC
from collections.abc import Callable

from tools.fuzz.example import Target

__all__ = ["BytesTarget", "Decoder", "Seeds"]

Decoder = Callable[[bytes], None]
Seeds = tuple[tuple[Decoder, tuple[bytes, ...]], ...]
"""Each decoder with valid messages to begin with."""

SIZE_MAX = 2048


class BytesTarget(Target[tuple[int, bytes]], ABC):
    """The number of a decoder, and what it is given."""

    seeds: Seeds
    batch = 200

    def make(self, rng: random.Random) -> tuple[int, bytes]:
        which = rng.randrange(len(self.seeds))
        if rng.random() < 0.1:
            return which, rng.randbytes(rng.randint(0, 200))
        data = bytearray(rng.choice(self.seeds[which][1]))
        for _ in range(rng.randint(0, 6)):
            _damage(data, rng)
        return which, bytes(data[:SIZE_MAX])

    def play(self, example: tuple[int, bytes]) -> None:
        which, data = example
        self.seeds[which][0](data)

    def show(self, example: tuple[int, bytes]) -> str:
        which, data = example
        return f"{self.seeds[which][0].__name__}(bytes.fromhex({data.hex()!r}))"

    def smaller(self, example: tuple[int, bytes]) -> list[tuple[int, bytes]]:
        which, data = example
        return [(which, data[:at] + data[at + 1 :]) for at in range(len(data))]


def _damage(data: bytearray, rng: random.Random) -> None:
    if not data:
        data += rng.randbytes(rng.randint(1, 8))
        return
    at = rng.randrange(len(data))
    match rng.randrange(5):
        case 0:
            data[at] ^= 1 << rng.randrange(8)
        case 1:
            data[at] = rng.choice((0, 1, 3, 4, 5, 127, 128, 254, 255))
        case 2:
            del data[at : at + rng.choice((1, 2, 4, 200))]
        case 3:
            data[at:at] = rng.randbytes(rng.choice((1, 2, 4, 40)))
        case _:
            data += data[at:]

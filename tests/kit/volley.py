"""Frames of a flood, in volleys of equal shape: mutants of a true advert, and spoofed true ones.

Knows Ethernet, IPv4 and where an advert may be hurt. Must not send. A volley is one block of memory
with a slot a frame, so that a sender describes it to the kernel once and only copies afterwards.
"""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from pathlib import Path

from halod.model.vrrp import VrrpInstance
from halod.vrrp.message import advert_of
from tests.kit.build import LB01, LB02
from tests.kit.host import GROUP_HARDWARE_ADDRESS, ip_packet

__all__ = ["INTRUDER", "SLOTS", "STRIDE", "Volleys", "mutants", "true_adverts"]

SLOTS, STRIDE = 1024, 128
"""Frames of a volley, and bytes of a slot."""
INTRUDER = IPv4Address("192.168.178.122")
"""Where floods come from, unless they lie: web02 of the tutorial."""
_INTRUDER_HARDWARE_ADDRESS = bytes.fromhex("020000000666")
_HEADERS = 14 + 20


@dataclass(frozen=True)
class Volleys:
    """What a sender fires one after the other."""

    lengths: tuple[int, ...]
    """Bytes of the frame in each slot, the same in every volley."""
    frames: list[bytes]

    @classmethod
    def read(cls, path: Path) -> Volleys:
        found = pickle.loads(path.read_bytes())
        assert isinstance(found, Volleys)
        return found

    def each(self, count: int) -> Iterator[bytes]:
        """The first so many frames, in the order in which they are fired."""
        for at in range(count):
            slot = at % SLOTS
            block = self.frames[at // SLOTS % len(self.frames)]
            yield block[slot * STRIDE : slot * STRIDE + self.lengths[slot]]

    def write(self, path: Path) -> Path:
        path.write_bytes(pickle.dumps(self))
        return path


def frame(payload: bytes, source: IPv4Address = INTRUDER, ttl: int = 255) -> bytes:
    """An advert as it comes over the wire."""
    packet = ip_packet(payload, source, ttl=ttl)
    return GROUP_HARDWARE_ADDRESS + _INTRUDER_HARDWARE_ADDRESS + b"\x08\x00" + packet


def in_slots(frames: Sequence[bytes]) -> tuple[tuple[int, ...], bytes]:
    """One volley, its frames in turn."""
    chosen = [frames[slot % len(frames)] for slot in range(SLOTS)]
    return tuple(map(len, chosen)), b"".join(one.ljust(STRIDE, b"\0") for one in chosen)


def true_adverts(config: VrrpInstance, priority: int, *, vrids: Sequence[int]) -> Volleys:
    """What a node of this configuration at the intruder's address would send, for these VRIDs."""
    payloads = []
    for vrid in vrids:
        other = replace(config, virtual_router_id=vrid)
        payloads.append(advert_of(other, INTRUDER, priority).payload)
    lengths, block = in_slots([frame(payload) for payload in payloads])
    return Volleys(lengths, [block])


def mutants(config: VrrpInstance, count: int, seed: int) -> Volleys:
    """So many adverts of which none is true; in the order of the seed."""
    dice = random.Random(seed)
    lengths, block = in_slots(list(_damaged(config, dice)))
    rounds = -(-count // SLOTS)
    return Volleys(lengths, [_mutate(lengths, block, dice) for _ in range(rounds)])


def _damaged(config: VrrpInstance, dice: random.Random) -> Iterator[bytes]:
    """One frame a slot, from senders that are true, false and unknown."""
    for _ in range(SLOTS):
        source = dice.choice((LB01, LB02, INTRUDER, IPv4Address(1 << 30 | dice.getrandbits(29))))
        payload = advert_of(config, source, dice.choice((1, 100, 150, 254, 255))).payload
        match dice.randrange(8):
            case 0:
                yield frame(payload, source, ttl=dice.randrange(1, 255))
            case 1:
                yield frame(payload[: dice.randrange(2, len(payload))], source)
            case 2:
                yield frame(payload + dice.randbytes(dice.randrange(1, 40)), source)
            case 3:
                noise = dice.randbytes(dice.randrange(2, 60))
                yield frame(bytes([payload[0], payload[1]]) + noise, source)
            case _:
                yield frame(payload, source)


def _mutate(lengths: tuple[int, ...], block: bytes, dice: random.Random) -> bytes:
    """Hurts one 16-bit word of each message: no checksum of 16-bit words misses that (RFC 1071),
    except for the one change that is not made, of all bits at once."""
    hurt = bytearray(block)
    wounds = dice.randbytes(3 * SLOTS)
    for slot, length in enumerate(lengths):
        where, first, second = wounds[3 * slot : 3 * slot + 3]
        words = (length - _HEADERS) // 2
        at = slot * STRIDE + _HEADERS + 2 * (where % words)
        hurt[at] ^= first
        hurt[at + 1] ^= 1 + second % 254
    return bytes(hurt)

"""What `auth_hmac` asks for: keys, and what is made of adverts that carry no good signature.

Knows values (draft-cassen-vrrp-auth-hmac). Must not sign, nor show a key.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from halod.model.units import Duration

__all__ = ["AntiReplay", "HmacKey", "HmacMode", "HmacPolicy"]


class HmacMode(Enum):
    """`mode`: who signs, and who must have signed."""

    RECEIVE_ONLY = "receive-only"
    """Signs nothing, and verifies a signature where there is one: the first step of a rollout."""
    PERMISSIVE = "permissive"
    """Signs, and still takes adverts without a signature: the second."""
    ENFORCE = "enforce"
    """Signs, and takes only what is signed."""

    @property
    def signs(self) -> bool:
        return self is not HmacMode.RECEIVE_ONLY


class AntiReplay(Enum):
    """`anti_replay`: what keeps an old advert from counting again."""

    TIME = "time"
    """Clocks that agree: a sequence far from ours is stale, and one that came already a replay."""
    MONOTONIC = "monotonic"
    """The order alone: a sequence must be above the last one of its sender."""


@dataclass(frozen=True, slots=True)
class HmacKey:
    """One `key`."""

    identifier: int
    """1 to 255; the advert names it, so that keys can be exchanged one node after the other."""
    secret: bytes
    """32 to 64 bytes."""

    def __repr__(self) -> str:
        # Secrets never reach a log, a dump or an error message.
        return f"HmacKey({self.identifier}, ***)"


@dataclass(frozen=True, slots=True, kw_only=True)
class HmacPolicy:
    """One `auth_hmac` block."""

    keys: tuple[HmacKey, ...]
    """`key`: those that a receiver takes, by their number."""
    active: int
    """`active_key`: the number of the one that signs. Default: the only key."""
    anti_replay: AntiReplay = AntiReplay.TIME
    """`anti_replay`. Default: time."""
    window: Duration
    """`time_window`, 1 to 300 s: how far the clocks of two nodes may be apart. Default: three
    advert intervals, and 5 s at least."""
    mode: HmacMode = HmacMode.ENFORCE
    """`mode`. Default: enforce."""

    def key(self, identifier: int) -> HmacKey | None:
        """None: there is no such key here."""
        return next((key for key in self.keys if key.identifier == identifier), None)

    @property
    def active_key(self) -> HmacKey:
        """The one that signs."""
        key = self.key(self.active)
        assert key is not None, "lowering has checked it"
        return key

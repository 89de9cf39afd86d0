"""The signatures of one instance: what the next one says, and whether a received one counts.

Knows sequences, freshness and replay (draft-cassen-vrrp-auth-hmac), and that AH is another way to
sign. Must not know states. Its time
is UTC, as `WallClock` says it: the instants of the engine count from the boot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from halod.model.address import IpAddress
from halod.model.drop import DropReason
from halod.model.effect import SendAdvert
from halod.model.hmac_policy import AntiReplay, HmacMode, HmacPolicy
from halod.model.units import NS_PER_SECOND, ZERO, Duration, Instant
from halod.model.vrrp import VrrpInstance
from halod.vrrp.auth_headers import AuthHeaders
from halod.vrrp.sequence_memory import SENDERS_MAX, SequenceMemory
from halod.wire.envelope import Envelope
from halod.wire.hmac_trailer import TRAILER_LENGTH, Trailer, decode_trailer, is_genuine, sign
from halod.wire.vrrp3 import message_summed

__all__ = ["Signatures", "Verdict", "WallClock"]

_SECOND = 1 << 32
"""A sequence counts seconds in its upper half, then 16 bits of a fraction and 16 of a counter."""
_MODULUS = 1 << 64


@dataclass(slots=True)
class WallClock:
    """How far UTC is ahead of the engine's clock: one for all instances, kept by the engine.

    Until it is told there is no difference: where all nodes have one clock, as in the simulator.
    """

    offset: Duration = ZERO

    def sequence(self, now: Instant) -> int:
        """The time as a sequence, counter 0."""
        utc_ns = now.ns + self.offset.ns
        seconds, rest = divmod(utc_ns, NS_PER_SECOND)
        fraction = rest * 0x10000 // NS_PER_SECOND
        return (seconds * _SECOND | fraction << 16) % _MODULUS


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a trailer is worth."""

    refused: DropReason | None = None
    detail: str = ""
    """Expected and found, for the log."""
    skew: Duration | None = None
    """How far its sender's clock is ahead of ours, where that is more than half of the window."""


class Signatures:
    """Signs and verifies for one instance."""

    def __init__(self, clock: WallClock, memory: Callable[[], SequenceMemory]) -> None:
        """`memory`: makes it, for the first advert that is signed or verified."""
        self._clock = clock
        self._make_memory = memory
        self._made: SequenceMemory | None = None
        self._skewed: dict[IpAddress, bool] = {}
        """Of the sources whose clock was looked at last, whether that was told."""
        self.headers = AuthHeaders(lambda: self._memory)
        """Of `auth_type AH`, which an instance has in the place of `auth_hmac`."""

    @property
    def _memory(self) -> SequenceMemory:
        if self._made is None:
            self._made = self._make_memory()
        return self._made

    def skew_is_news(self, source: IpAddress, verdict: Verdict) -> bool:
        """Whether the skew of a source is to be told: once, until it is small again."""
        before = self._skewed.pop(source, False)
        self._skewed[source] = verdict.skew is not None
        while len(self._skewed) > SENDERS_MAX:
            del self._skewed[next(iter(self._skewed))]
        return verdict.skew is not None and not before

    def complete(self, config: VrrpInstance, advert: SendAdvert, now: Instant) -> SendAdvert:
        """The advert as it goes out: signed in the way that the instance has, if it has one."""
        if config.auth_hmac is not None:
            return self.attach(config.auth_hmac, advert, now)
        if config.ah_key is not None:
            return self.headers.attach(config.ah_key, advert, now)
        return advert

    def attach(self, policy: HmacPolicy, advert: SendAdvert, now: Instant) -> SendAdvert:
        """The advert with a signature of its own, the same for every destination."""
        if not policy.mode.signs:
            return advert
        trailer = self.sign(policy, advert.payload, advert.source, now)
        (_, payload), *others = (
            (peer, _joined(message, trailer, advert.source, peer))
            for peer, message in advert.packets()
        )
        return replace(advert, payload=payload, others=tuple(others))

    def sign(self, policy: HmacPolicy, message: bytes, source: IpAddress, now: Instant) -> bytes:
        """The trailer of a message."""
        key = policy.active_key
        sequence = self._next(policy, now)
        return sign(message, source, key.secret, key.identifier, sequence)

    def _next(self, policy: HmacPolicy, now: Instant) -> int:
        """Grows with each advert, even where the clock does not."""
        clock, last = self._clock.sequence(now), self._memory.sent()
        sequence = clock
        if last is not None and _ahead(last, clock) >= 0:
            stepped_back = _ahead(last, clock) > _as_sequence(policy.window)
            if policy.anti_replay is AntiReplay.MONOTONIC or not stepped_back:
                sequence = (last + 1) % _MODULUS
        self._memory.note_sent(sequence)
        return sequence

    def verify(
        self, policy: HmacPolicy, message: bytes, rest: bytes, source: IpAddress, now: Instant
    ) -> Verdict:
        """`rest`: what stands behind the message. Whether the advert counts.

        The order: form, freshness, key, HMAC, replay. The dear one comes when the cheap ones have
        passed, and what is remembered changes only by who has a key.
        """
        if not rest:
            if policy.mode is HmacMode.ENFORCE:
                why = "it is not signed, and `auth_hmac` is enforced here"
                return Verdict(DropReason.UNSIGNED, why)
            return Verdict()
        trailer = decode_trailer(rest)
        if isinstance(trailer, DropReason):
            why = f"{len(rest)} bytes behind the message are no signature of {TRAILER_LENGTH} bytes"
            return Verdict(trailer, why)
        ahead = _ahead(trailer.sequence, self._clock.sequence(now))
        if policy.anti_replay is AntiReplay.TIME and abs(ahead) > _as_sequence(policy.window):
            return Verdict(DropReason.STALE, _stale(ahead, policy.window))
        key = policy.key(trailer.key_id)
        if key is None:
            return Verdict(
                DropReason.UNKNOWN_KEY,
                f"signed with key {trailer.key_id}, and there is none of that number here",
            )
        if not is_genuine(trailer, message, source, key.secret):
            why = f"the signature with key {key.identifier} is wrong: compare `auth_hmac`"
            return Verdict(DropReason.BAD_HMAC, why)
        if self._is_replay(policy, trailer, source, now):
            return Verdict(DropReason.REPLAYED, "an advert that was heard before came again")
        self._memory.note_heard(source, trailer.sequence)
        skewed = policy.anti_replay is AntiReplay.TIME and (
            abs(ahead) > _as_sequence(policy.window) // 2
        )
        return Verdict(skew=_as_duration(ahead) if skewed else None)

    def _is_replay(
        self, policy: HmacPolicy, trailer: Trailer, source: IpAddress, now: Instant
    ) -> bool:
        mark = self._memory.heard(source)
        if mark is None or _ahead(trailer.sequence, mark) > 0:
            return False
        if policy.anti_replay is AntiReplay.MONOTONIC:
            return True
        # A mark that is outside of the window was made by a clock that has been set since.
        return abs(_ahead(mark, self._clock.sequence(now))) <= _as_sequence(policy.window)


def _joined(message: bytes, trailer: bytes, source: IpAddress, destination: IpAddress) -> bytes:
    """IPv6's checksum covers the trailer; the signature covers no checksum."""
    if source.version == 6:
        message = message_summed(message, Envelope(source, destination, trailer=trailer))
    return message + trailer


def _ahead(one: int, other: int) -> int:
    """How far a sequence is ahead of another, negative if behind (RFC 1982, 3.2)."""
    difference = (one - other) % _MODULUS
    return difference - _MODULUS if difference >= _MODULUS // 2 else difference


def _as_sequence(duration: Duration) -> int:
    return duration.ns * _SECOND // NS_PER_SECOND


def _as_duration(sequence: int) -> Duration:
    return Duration(sequence * NS_PER_SECOND // _SECOND)


def _stale(ahead: int, window: Duration) -> str:
    apart = abs(_as_duration(ahead).as_seconds())
    return (
        f"signed {apart:.1f} s {'after' if ahead > 0 else 'before'} our time, and "
        f"{window.as_seconds():g} s are allowed: compare the clocks, or it is a replay"
    )

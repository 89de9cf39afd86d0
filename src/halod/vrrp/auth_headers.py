"""The Authentication Headers of one instance: what the next one says, and which of others count.

Knows keepalived's one counter (docs/adr/0031-auth-header.md). Must not know states, nor how a
check value is made. One counter serves both ways: whoever is master goes on behind what it has
heard, so a node that was started anew catches up with the first advert that it hears.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

from halod.model.auth_header import AuthHeader
from halod.model.drop import DropReason
from halod.model.effect import SendAdvert
from halod.model.election import master_down_interval
from halod.model.event import AdvertReceived
from halod.model.units import NS_PER_SECOND, Instant
from halod.model.vrrp import AhKey, VrrpInstance
from halod.vrrp.sequence_memory import SequenceMemory
from halod.wire import auth_header

__all__ = ["AuthHeaders"]

_EVERYBODY = IPv4Address(0)
"""Under which the memory keeps what was heard: the counter is one for all sources."""
_SECONDS_BITS = 32


class AuthHeaders:
    """Signs and verifies for one instance."""

    def __init__(self, memory: Callable[[], SequenceMemory]) -> None:
        self._memory = memory
        self._floor: int | None = None
        """The highest sequence that was sent or counted; None: nothing was, in this process."""

    def attach(self, key: AhKey, advert: SendAdvert, now: Instant) -> SendAdvert:
        """The advert as whole datagrams, one sequence for all of its destinations."""
        # 2^32 adverts are 136 years: then the peers take no more, as with keepalived.
        sequence = min(self._counter() + 1, auth_header.SEQUENCE_MAX)
        self._raise(sequence, now)
        (_, first), *others = (
            (
                destination,
                auth_header.datagram(
                    advert.source, destination, advert.ttl, sequence, message, key.secret
                ),
            )
            for destination, message in advert.packets()
        )
        return replace(advert, payload=first, others=tuple(others), whole=True)

    def verify(
        self, config: VrrpInstance, event: AdvertReceived, now: Instant
    ) -> tuple[DropReason, str] | None:
        """Why a received advert does not count, expected and found; None: it does.

        What is remembered changes only by who has the key.
        """
        header = event.auth_header
        assert config.ah_key is not None, "asked for where there is one"
        if header is None:
            return DropReason.AUTH_TYPE_MISMATCH, "it has no authentication header, as AH has"
        wrong = _form(event, header)
        if wrong is not None:
            return DropReason.AUTH_HEADER_MALFORMED, f"{wrong} in its authentication header"
        if not auth_header.is_genuine(event, header, config.ah_key.secret):
            why = "the check value of its authentication header is wrong: compare `auth_pass`"
            return DropReason.BAD_CHECK_VALUE, why
        floor = self._floor_at(config, now)
        if header.sequence <= floor:
            why = f"its sequence {header.sequence} is not above {floor}, which was heard or sent"
            return DropReason.REPLAYED, f"{why}: a replay, or its sender was started anew"
        self._raise(header.sequence, now)
        return None

    def _counter(self) -> int:
        """The highest sequence that anybody is known to have sent; never forgotten, so that what
        we send is heard. What `auth_hmac` may have left in its place is larger than any."""
        sent = self._memory().sent() or 0
        return sent if sent <= auth_header.SEQUENCE_MAX else 0

    def _raise(self, sequence: int, now: Instant) -> None:
        memory, self._floor = self._memory(), sequence
        memory.note_sent(max(self._counter(), sequence))
        seconds = now.ns // NS_PER_SECOND % (1 << _SECONDS_BITS)
        memory.note_heard(_EVERYBODY, sequence << _SECONDS_BITS | seconds)

    def _floor_at(self, config: VrrpInstance, now: Instant) -> int:
        """What an earlier process has noted binds for Master_Down_Interval: nobody who was started
        anew is master before that. Longer it would shut out a peer that counts from 1 again."""
        if self._floor is not None:
            return self._floor
        mark = self._memory().heard(_EVERYBODY)
        if mark is None:
            return 0
        sequence, seconds = divmod(mark, 1 << _SECONDS_BITS)
        patience = master_down_interval(
            config.version, config.priority, config.advert_interval, config.down_timer_adverts
        )
        age = now - Instant(seconds * NS_PER_SECOND)
        return sequence if age <= patience else 0


def _form(event: AdvertReceived, header: AuthHeader) -> str | None:
    """What is wrong before any digest: expected and found."""
    if header.next_header != auth_header.NEXT_HEADER:
        return f"next header {header.next_header}, wanted {auth_header.NEXT_HEADER},"
    if header.payload_length != auth_header.PAYLOAD_LENGTH:
        return f"length {header.payload_length}, wanted {auth_header.PAYLOAD_LENGTH},"
    if header.parameters_index != event.source.packed:
        return f"SPI {header.parameters_index.hex()}, wanted {event.source.packed.hex()},"
    return None

"""Everything that the VRRP engine can ask the world to do: a closed union of values.

Knows what is wanted. Must not know how it is done: the driver matches these exhaustively.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.address import IpAddress, VirtualAddress
from halod.model.cause import Cause
from halod.model.state import State
from halod.model.units import Duration, Instant

__all__ = [
    "AnnounceAddresses",
    "Effect",
    "GrantAddresses",
    "Notify",
    "RenewAddresses",
    "RevokeAddresses",
    "SendAdvert",
]


@dataclass(frozen=True, slots=True)
class SendAdvert:
    """Send one VRRP message with TTL 255 (RFC 9568, 5.1.1.3)."""

    instance: str
    interface: str
    source: IpAddress
    destination: IpAddress
    payload: bytes
    priority: int
    """The priority that the payload carries; 0 resigns."""


@dataclass(frozen=True, slots=True)
class GrantAddresses:
    """Put the addresses on their links for a limited time; idempotent."""

    instance: str
    term: int
    """Number of this mastership; what belongs to an older term is void."""
    addresses: tuple[VirtualAddress, ...]
    lease: Duration | None
    """Lifetime in whole seconds; None: for ever."""
    valid_until: Instant | None
    """Computed before the advert was sent: a grant that comes later than this is void."""


@dataclass(frozen=True, slots=True)
class RenewAddresses:
    """Renew the lease of a term after an advert that was really sent."""

    instance: str
    term: int
    lease: Duration
    """Lifetime in whole seconds from the moment of the renewal."""
    void_after: Instant
    """A renewal not done by then is dropped: the next advert brings the next one."""


@dataclass(frozen=True, slots=True)
class RevokeAddresses:
    """Take the addresses away, those excepted that were the operator's."""

    instance: str
    term: int
    addresses: tuple[VirtualAddress, ...]


@dataclass(frozen=True, slots=True)
class AnnounceAddresses:
    """Broadcast gratuitous ARP (RFC 9568, 6.4.2) for addresses granted in this term."""

    instance: str
    term: int
    addresses: tuple[VirtualAddress, ...]
    repeat: int
    """Frames an address, 1 to 255."""


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the operator's programs of a new state."""

    instance: str
    state: State
    priority: int
    cause: Cause


Effect = SendAdvert | RevokeAddresses | GrantAddresses | RenewAddresses | AnnounceAddresses | Notify

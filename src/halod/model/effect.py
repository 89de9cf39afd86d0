"""Everything that the VRRP engine can ask the world to do: a closed union of values.

Knows what is wanted. Must not know how it is done: the driver matches these exhaustively.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.address import IpAddress, VirtualAddress
from halod.model.cause import Cause
from halod.model.occasion import Occasion, Subject
from halod.model.routing import Routing
from halod.model.state import State
from halod.model.units import Duration, Instant
from halod.model.vrrp import LeaseMode

__all__ = [
    "AnnounceAddresses",
    "Effect",
    "GrantAddresses",
    "InstallRouting",
    "Mention",
    "Notify",
    "OpenGate",
    "RemoveRouting",
    "RenewAddresses",
    "RevokeAddresses",
    "SendAdvert",
    "ShutGate",
]


@dataclass(frozen=True, slots=True)
class SendAdvert:
    """Send one VRRP message, to a group or to each of several peers. It failed where nobody got
    it: then it earns nothing."""

    instance: str
    interface: str
    source: IpAddress
    destination: IpAddress
    payload: bytes
    priority: int
    """The priority that the payload carries; 0 resigns."""
    others: tuple[tuple[IpAddress, bytes], ...] = ()
    """Unicast: further destinations, each with its payload, for the checksum of v3 covers the
    destination."""
    ttl: int = 255
    """RFC 9568, 5.1.1.3; of unicast whatever `unicast_ttl` says."""
    whole: bool = False
    """Whether each payload is a whole datagram of IPv4, header and all: an Authentication Header
    vouches for the header before it."""
    hardware_source: bytes | None = None
    """The virtual MAC from which it comes, 6 bytes; None: that of the interface."""

    def packets(self) -> tuple[tuple[IpAddress, bytes], ...]:
        """Every destination with its payload."""
        return ((self.destination, self.payload), *self.others)


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
    gate: LeaseMode | None = None
    """The gate behind which they stand: BPF or NFT; None: behind none."""


@dataclass(frozen=True, slots=True)
class OpenGate:
    """Let the addresses of an instance be heard until an instant, and not longer."""

    instance: str
    term: int
    gate: LeaseMode
    """BPF (a store) or NFT (a token for the thread that writes)."""
    until: Instant
    """Computed before the advert was sent that earns it."""


@dataclass(frozen=True, slots=True)
class ShutGate:
    """Silence the addresses of an instance at once, before the kernel removes them."""

    instance: str


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
class InstallRouting:
    """Set routes and rules of a term whose addresses stand; idempotent. What the kernel refuses is
    told, and ends no mastership: the addresses serve without it."""

    instance: str
    term: int
    routing: Routing


@dataclass(frozen=True, slots=True)
class RemoveRouting:
    """Remove routes and rules; what is gone already is no failure."""

    instance: str
    term: int
    routing: Routing


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
    """Its name, or that of a sync group."""
    state: State
    priority: int
    """The effective one; 0 for a group."""
    cause: Cause
    subject: Subject = Subject.INSTANCE


@dataclass(frozen=True, slots=True)
class Mention:
    """Tell the operator's programs of something that changes no state."""

    instance: str
    occasion: Occasion
    priority: int


Effect = (
    SendAdvert
    | ShutGate
    | RemoveRouting
    | RevokeAddresses
    | OpenGate
    | GrantAddresses
    | InstallRouting
    | RenewAddresses
    | AnnounceAddresses
    | Notify
    | Mention
)

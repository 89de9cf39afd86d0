"""Everything that can happen to the VRRP engine: its one door takes these and nothing else.

Knows what the adapters report. Must not know what will be done about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from halod.model.address import IpAddress, Link, VirtualAddress
from halod.model.auth_header import AuthHeader
from halod.model.link_delay import LinkDelay
from halod.model.sync_group import VrrpSyncGroup
from halod.model.tracking import TrackerId
from halod.model.units import ZERO, Duration
from halod.model.vrrp import LeaseMode, VrrpInstance

__all__ = [
    "AddressLost",
    "AdvertReceived",
    "AdvertSendFailed",
    "Event",
    "GateLapsed",
    "GateObserved",
    "GrantFailed",
    "Granted",
    "LinkGone",
    "LinkObserved",
    "LossBy",
    "Reconfigured",
    "Started",
    "StopRequested",
    "TimerFired",
    "TrackerReported",
    "WallClockObserved",
]


@dataclass(frozen=True, slots=True)
class Started:
    """Links were reported; the instances begin (RFC 9568, 6.4.1, Startup)."""

    uptime: Duration = ZERO
    """How long the machine has been up."""


@dataclass(frozen=True, slots=True)
class StopRequested:
    """A clean stop (RFC 9568, 6.4.2 and 6.4.3, Shutdown)."""


@dataclass(frozen=True, slots=True)
class Reconfigured:
    """A reload: the whole new set of instances, and which of them stand together."""

    instances: tuple[VrrpInstance, ...]
    groups: tuple[VrrpSyncGroup, ...] = ()
    delays: tuple[LinkDelay, ...] = ()


@dataclass(frozen=True, slots=True)
class TimerFired:
    """The clock passed `deadline()`. Early or late is no matter: due timers alone act."""


@dataclass(frozen=True, slots=True)
class AdvertReceived:
    """A datagram of IP protocol 112, or of 51 with 112 behind it, as it came. Hostile until
    decoded."""

    interface: str
    source: IpAddress
    destination: IpAddress
    ttl: int
    """0 to 255."""
    payload: bytes
    """The VRRP message without the headers before it."""
    auth_header: AuthHeader | None = None
    """None: it came as protocol 112."""


@dataclass(frozen=True, slots=True)
class LinkObserved:
    """State of an interface, at start and whenever it changes."""

    link: Link


@dataclass(frozen=True, slots=True)
class LinkGone:
    """The interface does not exist (any more)."""

    interface: str


@dataclass(frozen=True, slots=True)
class Granted:
    """The addresses of a term stand."""

    instance: str
    term: int
    foreign: tuple[VirtualAddress, ...] = ()
    """Those that stood there before and are the operator's: never leased, changed or removed."""


@dataclass(frozen=True, slots=True)
class GrantFailed:
    """The kernel refused addresses of a term, at the grant or at a renewal."""

    instance: str
    term: int
    reason: str


@dataclass(frozen=True, slots=True)
class GateObserved:
    """Whether a gate of the lease hangs on an interface."""

    interface: str
    gate: LeaseMode
    """BPF or NFT."""
    hangs: bool
    reason: str = ""
    """Why it does not."""
    put_back: bool = False
    """Somebody had taken it away."""


@dataclass(frozen=True, slots=True)
class GateLapsed:
    """A gate had silenced the addresses of a term before their lease was renewed."""

    instance: str
    term: int


class LossBy(Enum):
    """Who removed an address."""

    KERNEL = "kernel"
    """Its lifetime ended, or its interface went."""
    SOMEBODY = "somebody"
    """Another program: an operator, a network manager."""


@dataclass(frozen=True, slots=True)
class AddressLost:
    """A virtual address went that we had not removed."""

    address: IpAddress
    interface: str
    by: LossBy
    culprit: str = ""
    """Name and process id of who did it where known, else empty."""


@dataclass(frozen=True, slots=True)
class AdvertSendFailed:
    """The kernel did not take an advert."""

    instance: str
    reason: str


@dataclass(frozen=True, slots=True)
class TrackerReported:
    """A tracker says how it is: first, and whenever that changes."""

    tracker: TrackerId
    up: bool
    """Whether it is well."""
    value: int = 0
    """The number of a file."""
    detail: str = ""
    """More words for people."""


@dataclass(frozen=True, slots=True)
class WallClockObserved:
    """How far UTC is ahead of the clock that `now` is of: at start, and where it was set."""

    offset: Duration


Event = (
    Started
    | StopRequested
    | Reconfigured
    | TimerFired
    | AdvertReceived
    | LinkObserved
    | LinkGone
    | Granted
    | GrantFailed
    | GateObserved
    | GateLapsed
    | AddressLost
    | AdvertSendFailed
    | TrackerReported
    | WallClockObserved
)

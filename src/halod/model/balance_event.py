"""Everything that can happen to the balance engine: its one door takes these and nothing else.

Knows what is reported. Must not know what will be done about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from halod.model.endpoint import Endpoint
from halod.model.service_table import OperationFailure, ServiceTable
from halod.model.state import State
from halod.model.units import Duration
from halod.model.virtual_server import LvsSettings, VirtualServer

__all__ = [
    "AddressesHeld",
    "Admin",
    "AdminOrdered",
    "BalanceEvent",
    "BalanceStopRequested",
    "BalanceTimerFired",
    "OperationsFailed",
    "ServersConfigured",
    "TableObserved",
    "Verdict",
    "VrrpStateReported",
]


@dataclass(frozen=True, slots=True)
class ServersConfigured:
    """The first configuration, or a reload: everything that is wanted."""

    servers: tuple[VirtualServer, ...]
    settings: LvsSettings
    places: Mapping[str, str] = field(default_factory=dict)
    """`Configuration.places`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A check came to another result than before, or to its first."""

    check: str
    """Name of the check: `VirtualServer.checks()`."""
    up: bool
    weight: int | None = None
    """What it makes of the server's weight (MISC_CHECK with `misc_dynamic`: absolute; FILE_CHECK:
    added); None: nothing."""
    detail: str = ""
    """What was expected and what came, for people; hostile text already escaped."""


@dataclass(frozen=True, slots=True)
class TableObserved:
    """What the kernel holds now: at the start, and whenever it was looked at."""

    table: ServiceTable


@dataclass(frozen=True, slots=True)
class OperationsFailed:
    """What the kernel refused of the last batch."""

    failures: tuple[OperationFailure, ...]


@dataclass(frozen=True, slots=True)
class VrrpStateReported:
    """A VRRP instance is in this state: the sync daemon follows it."""

    instance: str
    state: State


@dataclass(frozen=True, slots=True)
class AddressesHeld:
    """Which addresses this machine holds: `ha_suspend` follows them."""

    addresses: frozenset[str]


class Admin(Enum):
    """What an operator orders for a real server."""

    __hash__ = object.__hash__

    ENABLED = "enabled"
    """As its checks say."""
    DRAINING = "draining"
    """Weight 0 at once; connections end in peace."""
    DISABLED = "disabled"
    """Out of the table, whatever its checks say."""


@dataclass(frozen=True, slots=True)
class AdminOrdered:
    """`haloctl server drain|enable|disable`."""

    virtual_server: str
    """Its title."""
    real_server: Endpoint
    order: Admin
    lasting: Duration | None = None
    """Then it is enabled again; None: until it is."""


@dataclass(frozen=True, slots=True)
class BalanceTimerFired:
    """The clock passed `deadline()`."""


@dataclass(frozen=True, slots=True)
class BalanceStopRequested:
    """A clean stop: services go as the settings say, and `omega` programs are run."""


BalanceEvent = (
    ServersConfigured
    | Verdict
    | TableObserved
    | OperationsFailed
    | VrrpStateReported
    | AddressesHeld
    | AdminOrdered
    | BalanceTimerFired
    | BalanceStopRequested
)

"""What the address worker is given and keeps: orders, holdings, figures.

Knows values. Must not know how an order is carried out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from halod.model.address import IpAddress, Link, VirtualAddress
from halod.model.configuration import Statics
from halod.model.effect import (
    AnnounceAddresses,
    GrantAddresses,
    InstallRouting,
    RemoveRouting,
    RenewAddresses,
    RevokeAddresses,
)
from halod.model.units import Instant
from halod.model.vmac import VmacPlan
from halod.model.vrrp import LeaseMode

__all__ = ["CheckVmac", "HangGate", "HoldStatics", "HoldVmacs", "Holding", "Order"]
__all__ += ["PromoteSecondaries"]
__all__ += ["WorkerStats", "is_over"]


@dataclass(frozen=True, slots=True)
class HangGate:
    """Put a gate of the lease on an interface, or look that it is still there."""

    gate: LeaseMode
    link: Link


@dataclass(frozen=True, slots=True)
class HoldStatics:
    """Put up what stands whoever is MASTER, and take down what did before and is not in it."""

    statics: Statics


@dataclass(frozen=True, slots=True)
class HoldVmacs:
    """Make the links with a virtual MAC that are to be there, and remove the others of ours."""

    plans: tuple[VmacPlan, ...]


@dataclass(frozen=True, slots=True)
class CheckVmac:
    """Somebody may have put a link of ours up or down, or taken an address from it."""

    link: str
    gone: IpAddress | None = None


@dataclass(frozen=True, slots=True)
class PromoteSecondaries:
    """Other addresses of a network stay on these links when the first of them goes."""

    links: tuple[str, ...]


Order = (
    GrantAddresses
    | RenewAddresses
    | RevokeAddresses
    | InstallRouting
    | RemoveRouting
    | AnnounceAddresses
    | HangGate
    | HoldStatics
    | HoldVmacs
    | CheckVmac
    | PromoteSecondaries
)


@dataclass(slots=True)
class WorkerStats:
    """Figures for status."""

    renewals: int = 0
    renewals_void: int = 0
    """Came too late to count: the next advert renews."""
    overflows: int = 0
    """Orders that found the queue full."""


@dataclass(slots=True)
class Holding:
    """What an instance holds in its present term."""

    term: int
    places: dict[VirtualAddress, int] = field(default_factory=dict)
    """Ours, with the index of the interface where each was put up: its name may change."""
    foreign: frozenset[VirtualAddress] = frozenset()
    is_gated: bool = False


def is_over(order: GrantAddresses, now: Instant) -> bool:
    """Whether the lease that it would give has ended already."""
    return order.valid_until is not None and now >= order.valid_until

"""What an engine shows of itself: data for status, `why` and metrics.

Knows values that JSON can carry after `asdict`. Must not know how they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EngineView", "InstanceView"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceView:
    """One instance at one instant. Times are seconds, for people; None: does not apply."""

    name: str
    interface: str
    virtual_router_id: int
    version: int
    state: str
    """INIT, BACKUP, MASTER or FAULT."""
    cause: str
    """Why it is in this state: a sentence."""
    why: str
    """Why it is not MASTER, or why it is: one sentence with what will happen next."""
    in_state_s: float | None
    priority: int
    own_address: str | None
    master: str | None
    """Address of the master: our own, or the one that is followed."""
    master_priority: int | None
    master_heard_ago_s: float | None
    master_down_in_s: float | None
    """Until Master_Down_Timer fires."""
    rival: str | None
    """Another master heard beside us, or one that is weaker than we are."""
    addresses: tuple[str, ...]
    holds_addresses: bool
    foreign_addresses: tuple[str, ...]
    """The operator's own, left alone."""
    term: int
    """How many times this instance became MASTER."""
    lease_s: float | None
    """Lifetime that each renewal gives the addresses; None: for ever."""
    two_owners_bound_s: float | None
    """Longest time with two owners after this daemon dies; None: unbounded."""
    adverts_sent: int
    adverts_received: int
    adverts_dropped: dict[str, int]
    """By reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineView:
    """The VRRP engine at one instant."""

    instances: tuple[InstanceView, ...]
    unknown_virtual_router_ids: dict[str, int]
    """Adverts of VRIDs that no instance has, by `interface/VRID`, at most 256 of them."""

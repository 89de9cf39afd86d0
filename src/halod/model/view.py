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
    virtual_mac: str | None
    """`use_vmac`: the MAC, and the link that has it; None: the addresses stand on `interface`."""
    virtual_router_id: int
    version: int
    state: str
    """INIT, BACKUP, MASTER or FAULT."""
    cause: str
    """Why it is in this state: a sentence."""
    why: str
    """Why it is not MASTER, or why it is: one sentence with what will happen next."""
    alarm: str | None
    """What a person must mend now: a sentence; None: nothing."""
    in_state_s: float | None
    priority: int
    own_address: str | None
    sends_to: tuple[str, ...]
    """The group, or the unicast peers."""
    signs_with: str | None
    """`auth_hmac`: its mode and the number of its key; `AH`; None: adverts are not signed."""
    accepts_traffic: bool
    """False: as MASTER it drops what is sent to its addresses (`no_accept`, strict mode)."""
    master: str | None
    """Address of the master: our own, or the one that is followed."""
    master_priority: int | None
    master_interval_s: float | None
    """Between the adverts of the master that is followed, as it says; v3 waits for it by that."""
    master_heard_ago_s: float | None
    master_down_in_s: float | None
    """Until Master_Down_Timer fires."""
    rival: str | None
    """Another master heard beside us, or one that is weaker than we are."""
    addresses: tuple[str, ...]
    excluded_addresses: tuple[str, ...]
    """Those that move with them and stand in no advert."""
    holds_addresses: bool
    foreign_addresses: tuple[str, ...]
    """The operator's own, left alone."""
    sync_group: str | None
    """Its sync group; None: it has none."""
    term: int
    """How many times this instance became MASTER."""
    lease_mode: str
    """What ends the lease: bpf, nft, address or off."""
    lease_s: float | None
    """What each advert earns; None: for ever."""
    two_owners_bound_s: float | None
    """Longest time with two owners after this daemon dies; None: unbounded."""
    adverts_sent: int
    adverts_received: int
    adverts_dropped: dict[str, int]
    """By reason."""
    resignations_sent: int
    """Adverts with priority 0, among those above."""
    resignations_received: int
    masterships_ended: int
    """How many times this instance was MASTER and is no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineView:
    """The VRRP engine at one instant."""

    instances: tuple[InstanceView, ...]
    link_drops: dict[str, int]
    """What came for no instance, by reason: too short for a VRID, or a VRID that nobody has."""
    unknown_virtual_router_ids: dict[str, int]
    """Adverts of VRIDs that no instance has, by `interface/VRID`, at most 256 of them."""

"""What the balance engine shows of itself: data for status, metrics and the picture.

Knows values that JSON can carry after `asdict`. Must not know how they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BalanceView", "RealServerView", "VirtualServerView"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RealServerView:
    """One real server at one instant."""

    address: str
    """`[10.0.0.9]:80`."""
    state: str
    """UP, DOWN or UNKNOWN: as its checks say."""
    admin: str
    """enabled, draining or disabled."""
    admin_ends_in_s: float | None
    weight: int
    """As the file, `misc_dynamic` or a file says."""
    weight_effective: int | None
    """As it stands in the table; None: it does not."""
    method: str
    checks: tuple[str, ...]
    """Kinds: TCP_CHECK and so on."""
    why: str
    """Why it is in this state: a sentence."""
    last_failure: str | None
    """What its last failure was."""
    last_failure_ago_s: float | None
    in_state_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualServerView:
    """One virtual server at one instant."""

    name: str
    """Its title."""
    services: tuple[str, ...]
    """`[10.0.0.1]:tcp:80`, one or more."""
    scheduler: str
    persistence_s: float | None
    state: str
    """UP or DOWN: whether it has its quorum."""
    quorum: int
    weight_up: int
    """Sum of the weights of the servers that are up."""
    sorry_server: str | None
    uses_sorry_server: bool
    suspended: bool
    """`ha_suspend`: it is not checked now."""
    alarm: str | None
    """What a person must mend: a refused operation, say; None: nothing."""
    real_servers: tuple[RealServerView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceView:
    """The balance engine at one instant."""

    servers: tuple[VirtualServerView, ...]
    """All of them, or a part."""
    total: int
    """How many virtual servers there are."""
    sync_role: str | None
    """master, backup or both; None: no sync daemon."""

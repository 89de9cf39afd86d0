"""What the members of a sync group know of each other: one object for all of them.

Knows who ails, whom the others wait for, and how long a lease they share. Must not know routers:
the group fills it in, and they read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from halod.model.cause import Cause, GroupFault
from halod.model.units import Duration
from halod.vrrp.lease import Lease

__all__ = ["Membership"]


@dataclass(slots=True)
class Membership:
    """Of one group."""

    group: str
    """Its name."""
    ailments: dict[str, Cause] = field(default_factory=dict)
    """Members that could not take part if they were alone, and why."""
    unready: tuple[str, ...] = ()
    """Members that do not want to be MASTER now."""
    span: Duration | None = None
    """The shortest lease among them; None: none has an end."""
    lifetime: Duration | None = None
    """The shortest lifetime of an address that stands behind no gate; None: none has one."""

    def fault_beside(self, name: str) -> Cause | None:
        """Why a member cannot take part although nothing is wrong with it; None: it can."""
        for member, why in self.ailments.items():
            if member != name:
                return GroupFault(self.group, member, why.sentence())
        return None

    def cap(self, lease: Lease) -> Lease:
        """A member's lease, not longer than that of the shortest (DESIGN, section 4)."""
        if lease.span is None or self.span is None:
            return lease
        lifetime = lease.lifetime
        if lifetime is not None and self.lifetime is not None and not lease.is_gated:
            lifetime = min(lifetime, self.lifetime)
        return replace(lease, span=min(lease.span, self.span), lifetime=lifetime)

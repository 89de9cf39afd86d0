"""How fast addresses may be announced on a link.

Knows what was asked for. Must not know what is waiting.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.units import ZERO, Duration

__all__ = ["NO_PACE", "NO_PACING", "GarpGroup", "Pace", "Pacing"]


@dataclass(frozen=True, slots=True)
class Pace:
    """The least time between two announcements."""

    arp: Duration = ZERO
    """`vrrp_garp_interval`, in a `garp_group` its `garp_interval`: between two gratuitous ARPs on a
    link, 0 to 4294 s (in a group 2147 s), in steps of 1 µs. The first is sent at once; while an
    address waits for its turn, more announcements of it are one. Default 0 s: nobody waits."""
    neighbour: Duration = ZERO
    """`vrrp_gna_interval`, in a `garp_group` its `gna_interval`: likewise between two unsolicited
    neighbour advertisements (RFC 4861, 7.2.6). Default 0 s: nobody waits."""

    def of(self, ip_version: int) -> Duration:
        """For addresses of that version."""
        return self.arp if ip_version == 4 else self.neighbour

    def __bool__(self) -> bool:
        return self != NO_PACE


NO_PACE = Pace()


@dataclass(frozen=True, slots=True)
class GarpGroup:
    """One `garp_group`."""

    interfaces: tuple[str, ...]
    """`interface`, `interfaces`: the links that take turns, as if they were one. A link stands in
    one group alone, the first. Default: none, and the group has no effect."""
    pace: Pace
    """What holds for them instead of the values of `global_defs`, both of them."""


@dataclass(frozen=True, slots=True)
class Pacing:
    """Of every link."""

    each: Pace = NO_PACE
    """Of a link that stands in no group, each for itself."""
    groups: tuple[GarpGroup, ...] = ()
    """`garp_group`, in the order of the file."""

    def __bool__(self) -> bool:
        return bool(self.each) or any(group.pace for group in self.groups)


NO_PACING = Pacing()

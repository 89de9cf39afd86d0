"""Adverts to named nodes instead of a group: for links without multicast, clouds above all.

Knows what an instance is told about its peers. Must not know sockets or checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from halod.model.address import IpAddress

__all__ = ["TTL_MAX", "OldChecksum", "Unicast", "UnicastPeer"]

TTL_MAX = 255
"""RFC 791, 3.1: one byte."""


class OldChecksum(Enum):
    """`old_unicast_checksum`: whether v3 is summed as keepalived up to 1.3.6 did, as if a unicast
    advert went to the group 224.0.0.18."""

    AUTO = "auto"
    """As soon as an advert came that is summed so."""
    ALWAYS = "always"
    NEVER = "never"
    """Such adverts are dropped."""


@dataclass(frozen=True, slots=True)
class UnicastPeer:
    """One line of `unicast_peer`."""

    address: IpAddress
    """To which adverts are sent, and from which they are expected."""
    ttl_min: int = 0
    """`min_ttl`: adverts of this peer with a smaller TTL are dropped. 0 to 255. Default 0."""
    ttl_max: int = TTL_MAX
    """`max_ttl`: with a larger one. 0 to 255. Default 255."""

    @property
    def limits_ttl(self) -> bool:
        """Whether a TTL can be wrong."""
        return (self.ttl_min, self.ttl_max) != (0, TTL_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unicast:
    """The unicast keywords of an instance."""

    peers: tuple[UnicastPeer, ...]
    """`unicast_peer`: the other nodes; each gets every advert. An address, and `min_ttl N` and
    `max_ttl N` (0 to 255) for what is accepted from it. None, with `unicast_fault_no_peer`: the
    instance stays in FAULT."""
    ttl: int = TTL_MAX
    """`unicast_ttl`: of the adverts sent, 0 to 255. Default 255."""
    check_source: bool = False
    """`check_unicast_src`: adverts of others than the peers are dropped. Limits of a TTL do that
    too. Default: False, as keepalived."""
    old_checksum: OldChecksum = OldChecksum.AUTO
    """`old_unicast_checksum`: v3 is summed as keepalived up to 1.3.6 did; with `never` it is never
    summed so. Default: as soon as a peer does."""

    @property
    def checks_source(self) -> bool:
        """Whether adverts of others than the peers are dropped."""
        return self.check_source or any(peer.limits_ttl for peer in self.peers)

    def peer(self, address: IpAddress) -> UnicastPeer | None:
        """The peer of that address."""
        return next((peer for peer in self.peers if peer.address == address), None)

"""A VRRP advertisement as a value, whatever its version.

Knows what an advert says. Must not know its bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.address import IpAddress
from halod.model.units import Duration
from halod.model.vrrp import VrrpVersion

__all__ = ["PRIORITY_RESIGN", "Advert"]

PRIORITY_RESIGN = 0
"""Priority of a master that stops (RFC 9568, 5.2.4)."""


@dataclass(frozen=True, slots=True)
class Advert:
    """One ADVERTISEMENT (RFC 9568, 5.2; RFC 3768, 5.3)."""

    version: VrrpVersion
    virtual_router_id: int
    """0 to 255; 0 is nobody's."""
    priority: int
    """0 to 255."""
    interval: Duration
    """v2: whole seconds, 0 to 255. v3: hundredths of a second, to 40.95 s."""
    addresses: tuple[IpAddress, ...]
    """0 to 255 of them."""
    auth_type: int = 0
    """v2: 0 none, 1 PASS, 2 AH (RFC 2338, 5.3.6)."""
    auth_data: bytes = b""
    """v2: 8 bytes. A secret: never printed."""
    old_checksum: bool = False
    """v3 over unicast: summed as keepalived up to 1.3.6 did."""

    def __repr__(self) -> str:
        return (
            f"Advert(v{self.version.value} vrid={self.virtual_router_id} prio={self.priority} "
            f"interval={self.interval} addresses={[str(a) for a in self.addresses]} "
            f"auth={self.auth_type})"
        )

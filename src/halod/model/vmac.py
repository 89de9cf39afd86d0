"""The virtual MAC of an instance, and the link that has it (RFC 9568, 7.3).

Knows names and numbers. Must not know how a link is made.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.address import VirtualAddress
from halod.model.tracking import TrackerId, TrackerKind

__all__ = ["AddressVmac", "Vmac", "VmacPlan", "virtual_mac"]

_PREFIX = {4: bytes.fromhex("00005e0001"), 6: bytes.fromhex("00005e0002")}


def virtual_mac(ip_version: int, virtual_router_id: int) -> bytes:
    """00-00-5E-00-01-{VRID} for IPv4, 00-00-5E-00-02-{VRID} for IPv6 (RFC 9568, 7.3)."""
    return _PREFIX[ip_version] + bytes([virtual_router_id])


@dataclass(frozen=True, slots=True)
class Vmac:
    """`use_vmac` of an instance."""

    link: str
    """Name of the macvlan that carries the addresses, at most 15 bytes. Default: `vrrp.VRID`, and
    `vrrp6.VRID` for IPv6; where another instance has that, `vrrp1.VRID` and so on."""
    hardware_address: bytes
    """Its 6 bytes. Default: the virtual MAC of the VRID."""
    transmits_base: bool = False
    """`vmac_xmit_base`: adverts carry the MAC of `interface`. Default: False, the virtual one."""

    @property
    def tracker(self) -> TrackerId:
        """Reported when the link was made, or could not be."""
        return TrackerId(TrackerKind.VMAC, self.link)

    def __str__(self) -> str:
        return f"{self.hardware_address.hex(':')} on {self.link}"


@dataclass(frozen=True, slots=True)
class AddressVmac:
    """`use_vmac_addr`: a link with a virtual MAC for addresses that do not belong on that of the
    instance."""

    vmac: Vmac
    """Named as one of `use_vmac` without a name, with `vmac_addr_prefix` before it. Its MAC is that
    of the family of the addresses."""
    base: str
    """The interface on which it stands: that of the addresses."""
    ip_version: int
    """Family of the addresses, 4 or 6."""


@dataclass(frozen=True, slots=True)
class VmacPlan:
    """A link that is to be there while halod runs, down until its instance is MASTER."""

    vmac: Vmac
    base: str
    """The interface on which it stands."""
    addresses: tuple[VirtualAddress, ...]
    """What waits on it."""

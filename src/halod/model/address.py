"""Addresses as the configuration names them and as the kernel holds them.

Knows what identifies an address on a link. Must not know netlink.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv6Address

__all__ = ["IpAddress", "Link", "Scope", "VirtualAddress"]

IpAddress = IPv4Address | IPv6Address


class Scope(Enum):
    """Where an address is valid (rtnetlink(7), `ifa_scope`). The value is the kernel's number."""

    GLOBAL = 0
    SITE = 200
    LINK = 253
    HOST = 254


@dataclass(frozen=True, slots=True)
class VirtualAddress:
    """One line of `virtual_ipaddress`."""

    address: IpAddress
    """The virtual IP address (RFC 9568, 1.7)."""
    prefix_length: int
    """0 to 32 for IPv4. keepalived takes an address without a mask as /32, and so does halod."""
    interface: str
    """Link that carries it: `dev`, or else the interface of the instance."""
    label: str | None = None
    """At most 15 bytes, by custom `interface:n`; shown by `ip addr`. Default: the interface."""
    broadcast: IpAddress | None = None
    """Broadcast address (`brd`). Default: none, as keepalived."""
    scope: Scope = Scope.GLOBAL
    """Default: global."""
    is_tracked: bool = field(default=True, compare=False)
    """`no_track` makes it False: the instance does not mind when `interface` goes down. Says
    nothing about the address itself, so it is the same one. Default: True."""

    def __str__(self) -> str:
        return f"{self.address}/{self.prefix_length} dev {self.interface}"

    def __hash__(self) -> int:
        # A takeover of a thousand asks for thousands of these. That of all fields is four times as
        # dear, mostly for the address: it goes through a string.
        return hash((int(self.address), self.interface))


@dataclass(frozen=True, slots=True)
class Link:
    """What the kernel says of one interface."""

    name: str
    """Interface name, at most 15 bytes."""
    index: int
    """Kernel's number of the interface; a re-created interface has a new one."""
    running: bool
    """Administratively up and with carrier (IFF_UP and IFF_RUNNING)."""
    hardware_address: bytes
    """6 bytes on Ethernet."""
    addresses: tuple[IpAddress, ...] = ()
    """Its addresses that are nobody's virtual address, in the kernel's order."""

"""An address that no host of its network can have, and a broadcast address of another one.

Knows what a prefix length says of both. Must not know how they are written.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.model.diagnostic import Span

__all__ = ["tell_broadcast", "tell_not_a_host"]

PREFIX_MAX = 30
"""A longer one has no address to spare: both of a /31 are hosts (RFC 3021)."""


def tell_not_a_host(address: IPv4Address, length: int, span: Span, findings: Findings) -> None:
    """The first and the last address of a network are nobody's (RFC 1122, 3.2.1.3)."""
    network = IPv4Network((address, length), strict=False)
    if length > PREFIX_MAX or address not in (network.network_address, network.broadcast_address):
        return
    last = address == network.broadcast_address
    findings.add(
        Code.NOT_A_HOST,
        f"{address} is the {'broadcast address' if last else 'name'} of {network}: "
        "no host can have it",
        span,
        helps=(f"write an address from {network[1]} to {network[-2]}, or the right prefix length",),
    )


def tell_broadcast(
    broadcast: IPv4Address, address: IPv4Address, length: int, span: Span, findings: Findings
) -> None:
    """One that was written in numbers."""
    network = IPv4Network((address, length), strict=False)
    if length > PREFIX_MAX or broadcast == network.broadcast_address:
        return
    what = "is the address itself" if broadcast == address else f"is not that of {network}"
    findings.add(
        Code.OTHER_BROADCAST,
        f"the broadcast address {broadcast} {what}",
        span,
        helps=(f"write `brd +`: {network.broadcast_address}, or leave it out",),
    )

"""A virtual address in the words of keepalived's dumps.

Knows their order. Must not know which dump they are for.
"""

from __future__ import annotations

from halod.model.address import VirtualAddress

__all__ = ["address_words"]


def address_words(address: VirtualAddress, stands: bool) -> str:
    """`192.0.2.10/24 dev eth0 scope global label eth0:1 set`."""
    whole = 32 if address.address.version == 4 else 128
    prefix = "" if address.prefix_length == whole else f"/{address.prefix_length}"
    words = [f"{address.address}{prefix}"]
    if address.broadcast is not None:
        words.append(f"brd {address.broadcast}")
    words += [f"dev {address.interface}", f"scope {address.scope.name.lower()}"]
    if address.label is not None:
        words.append(f"label {address.label}")
    if address.address.version == 6:
        words.append("preferred_lft forever")
    if stands:
        words.append("set")
    return " ".join(words)

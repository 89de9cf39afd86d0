"""Names that stand in many published files, and that keepalived does not have there.

Knows what became of each, or whose it is. Must not know any keyword of keepalived 2.4.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["FORMER", "Former"]


@dataclass(frozen=True, slots=True)
class Former:
    """What to say of a name."""

    note: str
    """Half a sentence."""
    now: str = ""
    """The keyword that does it; empty: none does."""


_FORK = Former("DPVS has it, a fork of keepalived")

FORMER: Mapping[str, Former] = {
    "daddr_group_name": _FORK,
    "deny_address_group": _FORK,
    "dpdk_interface": _FORK,
    "establish_timeout": _FORK,
    "laddr_group_name": _FORK,
    "local_address_group": _FORK,
    "lvs_id": Former("it has another name since keepalived 1.1.8", "router_id"),
    "nat_mask": Former("keepalived gave it up: a virtual server needs no mask"),
    "net_mask": Former("a virtual server needs no mask"),
    "nb_get_retry": Former("it has this name in HTTP_GET and SSL_GET alone", "retry"),
}

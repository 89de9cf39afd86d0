"""Configurations with many instances or many addresses, for both daemons alike.

Knows the text of a keepalived.conf. Must not run anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

__all__ = ["REAL_TIME", "Pace", "instances_config", "vip"]

FIRST_VIP = IPv4Address("172.16.0.1")
"""VIPs of the bench: in no subnet of a host, so each is a /32 of its own."""
REAL_TIME = ("vrrp_rt_priority 50", "vrrp_rlimit_rttime 1000000")
"""For keepalived, as halod runs unasked: else one that others keep from the processor does in
batches what it is late with, and an advert seems to cost half. halod ignores both."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a pair speaks, and in which version."""

    version: int
    interval_s: float

    def __str__(self) -> str:
        return f"v{self.version} {self.interval_s:g} s"


def vip(number: int) -> str:
    """The bench's VIP of that number, from 0."""
    return str(FIRST_VIP + number)


def instances_config(
    host: str, instances: int, addresses: int, pace: Pace, lease: str = "auto"
) -> str:
    """So many instances with so many addresses each; lb01 is stronger in all of them.

    `lease`: halod's way to hold them; keepalived skips that line.
    """
    priority = 150 if host == "lb01" else 100
    first_lines = (f"router_id {host}", "vrrp_garp_master_delay 0", *REAL_TIME)
    blocks = ["global_defs {\n" + "".join(f"    {line}\n" for line in first_lines) + "}\n"]
    for instance in range(instances):
        first = instance * addresses
        lines = "\n".join(
            f"        {vip(number)}/32 dev ens33" for number in range(first, first + addresses)
        )
        blocks.append(
            f"vrrp_instance VI_{instance + 1} {{\n"
            f"    state {'MASTER' if host == 'lb01' else 'BACKUP'}\n"
            f"    interface ens33\n"
            f"    version {pace.version}\n"
            f"    virtual_router_id {instance + 1}\n"
            f"    priority {priority}\n"
            f"    advert_int {pace.interval_s:g}\n"
            f"    @halod vip_lease {lease}\n"
            f"    virtual_ipaddress {{\n{lines}\n    }}\n}}\n"
        )
    return "\n".join(blocks)

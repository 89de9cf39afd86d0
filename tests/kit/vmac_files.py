"""Configurations of a pair whose addresses stand on a link with a virtual MAC, for both daemons.

Knows the text of a keepalived.conf. Must not run anything.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["VIP_V6", "VIRTUAL_MAC", "vmac_config"]

VIRTUAL_MAC = {4: "00:00:5e:00:01:33", 6: "00:00:5e:00:02:33"}
"""RFC 9568, 7.3, for VRID 51."""
VIP_V4 = "192.168.178.3"
VIP_V6 = "fe80::3"
INTERVAL_S = 0.2


def vmac_config(
    host: str,
    *,
    vips: Sequence[str] = (f"{VIP_V4}/24",),
    more: str = "",
    vmac: str = "use_vmac",
    interval_s: float = INTERVAL_S,
) -> str:
    """VRID 51 on ens33; lb01 is stronger. `more`: further lines of the instance."""
    priority = {"lb01": 150}.get(host, 100)
    addresses = "".join(f"        {vip}\n" for vip in vips)
    return (
        f"global_defs {{\n    router_id {host}\n}}\n"
        "vrrp_instance VI_1 {\n    interface ens33\n    version 3\n"
        f"    virtual_router_id 51\n    priority {priority}\n    advert_int {interval_s}\n"
        f"    {vmac}\n{more}"
        f"    virtual_ipaddress {{\n{addresses}    }}\n}}\n"
    )

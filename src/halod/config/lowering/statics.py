"""`static_ipaddress`, `static_routes` and `static_rules` to what stands whoever is MASTER.

Knows that the sections of a file count together. Must not know instances.
"""

from __future__ import annotations

from halod.config.findings import Findings
from halod.config.lowering.address import lower_addresses
from halod.config.lowering.route import lower_routes
from halod.config.lowering.rule import Preferences, lower_rules
from halod.config.reading import Values
from halod.model.configuration import Statics
from halod.model.routing import Routing

__all__ = ["INTERFACE_DEFAULT", "lower_statics"]

INTERFACE_DEFAULT = "eth0"
"""As keepalived has it for an address without `dev`."""


def lower_statics(
    top: Values, default_interface: str, preferences: Preferences, findings: Findings
) -> Statics:
    """`default_interface`: of addresses without `dev`; empty: keepalived's.

    Rules are numbered in the order static, then virtual: as they stand in most files.
    """
    lines = top.get("static_ipaddress", list) or []
    addresses = lower_addresses(lines, default_interface or INTERFACE_DEFAULT, findings)
    return Statics(
        tuple(address for address, _ in addresses),
        Routing(
            lower_routes(top.get("static_routes", list) or [], findings),
            lower_rules(top.get("static_rules", list) or [], preferences, findings),
        ),
    )

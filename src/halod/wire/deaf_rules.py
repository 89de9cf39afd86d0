"""Addresses that answer nobody, as nftables rules: what `nft -j -f -` is given (`no_accept`).

    hook ── neighbour discovery? accept ── daddr (input) or saddr (output) in a set? drop

Knows one table, its sets and chains. Must not know instances, nor how nft is run. What is forwarded
passes neither hook: that is what such addresses are for. A link-local address means something on
one link alone, so it stands in a set with the name of its link (RFC 4007, 6). Neighbour discovery
is let through, as RFC 9568, 6.4.3 has it; ARP does not pass family inet.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import Any

from halod.model.address import VirtualAddress
from halod.wire.gate_rules import table_name as gate_table_name

__all__ = ["RULE_COUNT", "deaf_rules", "table_name"]

Command = dict[str, Any]

_PRIORITY = -1
"""Just before the filters of others, as keepalived."""
_LINK_LOCAL = "link_local6"
_SETS: dict[str, Any] = {
    "deaf4": "ipv4_addr",
    "deaf6": "ipv6_addr",
    _LINK_LOCAL: ["ipv6_addr", "ifname"],
}
_HOOKS = (("in", "input", "daddr", "iifname"), ("out", "output", "saddr", "oifname"))
_DISCOVERY = ("nd-neighbor-solicit", "nd-neighbor-advert")
RULE_COUNT = 4 * len(_HOOKS)
"""How many stand in a table that is whole."""


def table_name(run_dir: str) -> str:
    """One table a daemon, which its run directory names."""
    return f"{gate_table_name(run_dir)}_no_accept"


def deaf_rules(table: str, addresses: Iterable[VirtualAddress]) -> list[Command]:
    """The table in the place of whatever stood under its name, in one transaction."""
    named = {"family": "inet", "name": table}
    at = {"family": "inet", "table": table}
    # Added first, so that there is something to delete.
    commands: list[Command] = [
        {"add": {"table": named}},
        {"delete": {"table": named}},
        {"add": {"table": named}},
    ]
    elements = _elements(addresses)
    for name, key in _SETS.items():
        filled = {"elem": elements[name]} if elements[name] else {}
        commands.append({"add": {"set": at | {"name": name, "type": key} | filled}})
    for chain, hook, field, link in _HOOKS:
        hooked = {"name": chain, "type": "filter", "hook": hook, "prio": _PRIORITY}
        commands.append({"add": {"chain": at | hooked | {"policy": "accept"}}})
        of_link = {"concat": [_payload("ip6", field), {"meta": {"key": link}}]}
        rules = (
            [_match(_payload("icmpv6", "type"), {"set": list(_DISCOVERY)}), {"accept": None}],
            [_match(_payload("ip", field), "@deaf4"), {"drop": None}],
            [_match(_payload("ip6", field), "@deaf6"), {"drop": None}],
            [_match(of_link, f"@{_LINK_LOCAL}"), {"drop": None}],
        )
        commands += [{"add": {"rule": at | {"chain": chain, "expr": rule}}} for rule in rules]
    return commands


def _elements(addresses: Iterable[VirtualAddress]) -> dict[str, list[Any]]:
    found: dict[str, dict[Any, Any]] = {name: {} for name in _SETS}
    for each in addresses:
        address = each.address
        if isinstance(address, IPv4Address):
            found["deaf4"][address] = str(address)
        elif address.is_link_local:
            element = {"concat": [str(address), each.interface]}
            found[_LINK_LOCAL][address, each.interface] = element
        else:
            found["deaf6"][address] = str(address)
    return {name: list(elements.values()) for name, elements in found.items()}


def _payload(protocol: str, field: str) -> Command:
    return {"payload": {"protocol": protocol, "field": field}}


def _match(left: Any, right: Any) -> Command:
    return {"match": {"op": "==", "left": left, "right": right}}

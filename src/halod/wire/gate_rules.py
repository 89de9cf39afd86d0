"""The lease's gate as nftables rules: what `nft -j -f -` is given.

    hook ── daddr or saddr in vip4, vip6 ──> g<slot>: is there an element in l<slot>? return : drop

A slot is one instance: all its addresses hang on the elements of one set, which the kernel lets
lapse. Names come from a checksum and a number, and go through an encoder, never into a text.

`meta protocol` is a constant where it is matched, one for each kind of frame. It is there because a
set must be asked something, and because nft's JSON knows its type. Neighbour advertisements are
matched by their source alone: the kernel sends them from the address that was asked for.

Knows tables, chains, sets. Must not know timeouts, nor how nft is run.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import Any

from halod.model.address import IpAddress
from halod.wire.nfnetlink import NftFamily

__all__ = ["LEASE_KEYS", "TOKENS", "address_maps", "base_rules", "chain_name", "lease_set"]
__all__ += ["rule_count", "slot_rules", "table_name"]

Command = dict[str, Any]

TOKENS = "tokens"
"""Set of the elements that a write must find alive (family inet)."""

LEASE_KEYS = {
    NftFamily.INET: (struct.pack("!H", 0x0800), struct.pack("!H", 0x86DD)),
    NftFamily.ARP: (struct.pack("!H", 0x0806),),
}
"""What `meta protocol` is in each family: a live lease has an element for each."""

_PRIORITY_FIRST, _PRIORITY_LAST = -310, 310
"""Before connection tracking sees a packet, and after source NAT: the addresses as on the wire."""
_HOOKS = {
    NftFamily.INET: (
        ("pre", "prerouting", _PRIORITY_FIRST, (("ip", "daddr", "vip4"), ("ip6", "daddr", "vip6"))),
        (
            "post",
            "postrouting",
            _PRIORITY_LAST,
            (("ip", "saddr", "vip4"), ("ip6", "saddr", "vip6")),
        ),
    ),
    NftFamily.ARP: (("out", "output", 0, (("arp", "saddr ip", "vip4"),)),),
}
_MAPS = {
    NftFamily.INET: {"vip4": "ipv4_addr", "vip6": "ipv6_addr"},
    NftFamily.ARP: {"vip4": "ipv4_addr"},
}
_RULES_OF_A_SLOT = 2


def table_name(run_dir: str) -> str:
    """One table a daemon, which its run directory names."""
    return f"halod_{zlib.crc32(run_dir.encode()):08x}"


def lease_set(slot: int) -> str:
    """The set whose elements are the lease of a slot."""
    return f"l{slot}"


def chain_name(slot: int) -> str:
    """Where packets of a slot's addresses are judged."""
    return f"g{slot}"


def address_maps(address: IpAddress) -> tuple[tuple[NftFamily, str], ...]:
    """The maps in which an address must stand."""
    if isinstance(address, IPv4Address):
        return (NftFamily.INET, "vip4"), (NftFamily.ARP, "vip4")
    return ((NftFamily.INET, "vip6"),)


def rule_count(family: NftFamily, slots: int) -> int:
    """How many rules stand in a table that is whole."""
    return sum(len(rules) for *_, rules in _HOOKS[family]) + _RULES_OF_A_SLOT * slots


def base_rules(table: str, slots: Iterable[int]) -> list[Command]:
    """Both tables in place of whatever stood under their name, with the chains of these slots."""
    slots = tuple(slots)
    commands: list[Command] = []
    for family in LEASE_KEYS:
        named = {"family": family.name.lower(), "name": table}
        # Added first, so that there is something to delete.
        commands += [{"add": {"table": named}}, {"delete": {"table": named}}]
        commands.append({"add": {"table": named}})
        at = {"family": family.name.lower(), "table": table}
        if family is NftFamily.INET:
            tokens = {"name": TOKENS, "type": "mark", "flags": ["timeout"]}
            commands.append({"add": {"set": at | tokens}})
        for name, key in _MAPS[family].items():
            commands.append({"add": {"map": at | {"name": name, "type": key, "map": "verdict"}}})
        for chain, hook, priority, rules in _HOOKS[family]:
            hooked = {"name": chain, "type": "filter", "hook": hook, "prio": priority}
            commands.append({"add": {"chain": at | hooked | {"policy": "accept"}}})
            for protocol, part, addresses in rules:
                key_of = {"payload": {"protocol": protocol, "field": part}}
                judge = {"vmap": {"key": key_of, "data": f"@{addresses}"}}
                commands.append({"add": {"rule": at | {"chain": chain, "expr": [judge]}}})
    return commands + slot_rules(table, slots)


def slot_rules(table: str, slots: Iterable[int]) -> list[Command]:
    """The chains of more slots."""
    commands: list[Command] = []
    for family in LEASE_KEYS:
        at = {"family": family.name.lower(), "table": table}
        for slot in slots:
            leases = {"name": lease_set(slot), "type": "ether_type", "flags": ["timeout"]}
            commands.append({"add": {"set": at | leases}})
            commands.append({"add": {"chain": at | {"name": chain_name(slot)}}})
            protocol = {"meta": {"key": "protocol"}}
            live = {"op": "in", "left": protocol, "right": f"@{lease_set(slot)}"}
            for expression in ([{"match": live}, {"return": None}], [{"drop": None}]):
                rule = at | {"chain": chain_name(slot), "expr": expression}
                commands.append({"add": {"rule": rule}})
    return commands

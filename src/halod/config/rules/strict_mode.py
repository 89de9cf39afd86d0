"""Strict mode: the addresses that are held do not answer, which few expect of it."""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered
from halod.config.rules.blocks import instance_blocks
from halod.config.tree import Statement
from halod.model.diagnostic import Label
from halod.model.vrrp import VrrpVersion

__all__ = ["strict_mode"]


def strict_mode(tree: Sequence[Statement], found: Sequence[Lowered], findings: Findings) -> None:
    """Accept_Mode false (RFC 9568, 6.1): who does not own an address drops what is sent to it."""
    everywhere = next(
        (
            child
            for section in tree
            if section.name == "global_defs"
            for child in section.children
            if child.name == "vrrp_strict"
        ),
        None,
    )
    for block, lowered in instance_blocks(tree, found):
        children = {child.name: child for child in block.children}
        strict = children.get("strict_mode", everywhere)
        addresses = children.get("virtual_ipaddress")
        if strict is None or addresses is None or not lowered.addresses:
            continue
        version_2 = lowered.instance.version is VrrpVersion.V2
        if not lowered.instance.is_deaf or "no_accept" in children:
            continue
        # VRRPv2 has no Accept_Mode: keepalived 2.2.7 takes `accept` back there.
        remedy = f"remove `{strict.name}`" if version_2 else "add `accept` to the instance"
        other = (
            "or use `version 3` and `accept` on all nodes: version 2 knows no `accept`"
            if version_2
            else f"or remove `{strict.name}`"
        )
        findings.add(
            Code.STRICT_BLOCKS,
            f"in strict mode whatever is sent to the addresses of `{lowered.shown_name}` is "
            "dropped: no ping, no service",
            addresses.keyword.span,
            secondary=(Label(strict.keyword.span, "strict mode"),),
            helps=(remedy, other),
        )

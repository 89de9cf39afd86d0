"""Strict mode: under keepalived the addresses that are held do not answer."""

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

OFF = ("off", "false", "no")


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
        switched_off = any(word.text.lower() in OFF for word in strict.arguments)
        version_2 = lowered.instance.version is VrrpVersion.V2
        accepts = "accept" in children and not version_2
        if switched_off or accepts or lowered.instance.is_owner:
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
            f"in strict mode keepalived drops whatever is sent to the addresses of "
            f"`{lowered.shown_name}`: no ping, no service",
            addresses.keyword.span,
            secondary=(Label(strict.keyword.span, "strict mode"),),
            notes=("halod has no strict mode: here the addresses answer",),
            helps=(remedy, other),
        )

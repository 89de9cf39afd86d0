"""A certificate authority in `SSL`: halod believes no server without it, keepalived every one.

Knows that block. Must not know how a check verifies.
"""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lowering.instance import Lowered
from halod.config.tree import Statement

__all__ = ["verified_chain"]


def verified_chain(tree: Sequence[Statement], found: Sequence[Lowered], findings: Findings) -> None:
    """keepalived loads the file and never asks what became of the verification."""
    for block in tree:
        if block.name != "SSL":
            continue
        for each in block.children:
            if each.name == "ca" and each.arguments:
                findings.add(
                    Code.CHAIN_VERIFIED,
                    "an SSL_GET fails where this authority has not signed the server's "
                    "certificate; in keepalived it does not",
                    each.arguments[0].span,
                    helps=("without `ca` no certificate is verified",),
                )

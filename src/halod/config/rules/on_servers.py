"""The rules that look at virtual servers, each with its block.

Knows which there are. Must not know what they find.
"""

from __future__ import annotations

from collections.abc import Iterable

from halod.config.findings import Findings
from halod.config.lowering.virtual_server import PlacedServer
from halod.config.memory import Memory
from halod.config.rules.server_is_itself import server_is_itself
from halod.config.rules.unchecked_server import unchecked_server
from halod.config.rules.unfit_for_nft import told_unfit_for_nft
from halod.model.virtual_server import LvsEngine

__all__ = ["rules_on_servers"]


def rules_on_servers(
    servers: Iterable[PlacedServer], engine: LvsEngine, memory: Memory, findings: Findings
) -> None:
    """Those of which nothing is to be told are remembered."""
    for placed in servers:
        if findings.full:
            break
        if placed.is_known:
            continue
        block, server, told = placed.block, placed.server, findings.told
        unchecked_server(block, server, findings)
        server_is_itself(block, server, findings)
        if engine is LvsEngine.NFT:
            told_unfit_for_nft(block, server, findings)
        if placed.is_quiet and findings.told == told:
            memory.keep(block, server)

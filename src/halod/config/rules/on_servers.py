"""The rules that look at virtual servers, each with its block.

Knows which there are. Must not know what they find.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from halod.config.findings import Findings
from halod.config.rules.server_is_itself import server_is_itself
from halod.config.rules.unchecked_server import unchecked_server
from halod.config.rules.unfit_for_nft import told_unfit_for_nft
from halod.config.tree import Statement
from halod.model.virtual_server import LvsEngine, VirtualServer

__all__ = ["rules_on_servers"]


def rules_on_servers(
    blocks: Iterable[Statement],
    servers: Sequence[VirtualServer],
    engine: LvsEngine,
    findings: Findings,
) -> None:
    places = {f"{b.keyword.span.file}:{b.keyword.span.line}": b for b in blocks}
    for server in servers:
        if findings.full:
            break
        block = places[server.place]
        unchecked_server(block, server, findings)
        server_is_itself(block, server, findings)
        if engine is LvsEngine.NFT:
            told_unfit_for_nft(block, server, findings)

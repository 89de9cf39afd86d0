"""What `@halod lvs_engine nft` cannot do of what a virtual server asks for.

With `auto` the daemon decides when it runs, and tells the same sentences then.
"""

from __future__ import annotations

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.tree import Statement
from halod.model.diagnostic import FindingSeverity
from halod.model.nft_fitness import unfit_for_nft
from halod.model.virtual_server import VirtualServer

__all__ = ["told_unfit_for_nft"]


def told_unfit_for_nft(block: Statement, server: VirtualServer, findings: Findings) -> None:
    """One finding a virtual server: a risk where connections are lost, else a note."""
    misfits = unfit_for_nft(server)
    if not misfits:
        return
    first, *others = misfits
    findings.add(
        Code.UNFIT_FOR_NFT,
        first.sentence,
        block.keyword.span,
        severity=FindingSeverity.NOTE if first.is_served else None,
        notes=[misfit.sentence for misfit in others],
        helps=("`@halod lvs_engine auto` takes IPVS where the kernel has it",),
    )

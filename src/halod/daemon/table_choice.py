"""What balances on this machine: IPVS where its kernel has it, else nftables.

Knows the keyword and the reason that is told. Must not know how either works.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.kernel.balancing_table import BalancingTable
from halod.kernel.ipvs import Ipvs
from halod.kernel.ipvs_module import IpvsMissingError
from halod.kernel.nft_services import NftServices
from halod.model.virtual_server import LvsEngine

__all__ = ["ChosenTable", "open_table"]


@dataclass(frozen=True, slots=True)
class ChosenTable:
    """The one that was opened."""

    table: BalancingTable
    engine: LvsEngine
    why: str
    """Half a sentence: why this one."""


def open_table(wanted: LvsEngine) -> ChosenTable:
    """Before privileges are given up: the kernel's module may have to be loaded.

    OSError: what was asked for is not to be had; its text says why.
    """
    if wanted is LvsEngine.NFT:
        return ChosenTable(NftServices(), LvsEngine.NFT, "lvs_engine says so")
    try:
        table = Ipvs()
    except IpvsMissingError as error:
        if wanted is LvsEngine.IPVS:
            raise
        return ChosenTable(NftServices(), LvsEngine.NFT, f"this kernel has no IPVS: {error}")
    why = "lvs_engine says so" if wanted is LvsEngine.IPVS else "this kernel has it"
    return ChosenTable(table, LvsEngine.IPVS, why)

"""The table that drops what is sent to addresses of `no_accept`: made, looked after, removed.

Knows one table of nftables. Must not know instances nor who is MASTER: the addresses stand in it on
every node, and on one that does not hold them it has nothing to drop. So it is there before an
address is, and a takeover waits for no transaction. Each call may wait for the mutex of nftables:
never on the advert path.
"""

from __future__ import annotations

from contextlib import closing

from halod.kernel.nfnetlink_socket import NfnetlinkSocket
from halod.kernel.nft_program import apply_rules
from halod.kernel.nft_table import Repair, count_rules, remove_tables
from halod.model.address import VirtualAddress
from halod.wire.deaf_rules import RULE_COUNT, deaf_rules, table_name
from halod.wire.nfnetlink import NftFamily

__all__ = ["DeafTable"]


class DeafTable:
    """Of one daemon."""

    def __init__(self, run_dir: str) -> None:
        self.name = table_name(run_dir)
        self._made: tuple[VirtualAddress, ...] = ()
        """What stands in it; empty: there is no table."""

    def ensure(self, addresses: tuple[VirtualAddress, ...]) -> Repair:
        """These answer nobody, and no others; raises OSError, NftError with what an operator can
        read. Without addresses there is no table."""
        before = self._made
        if addresses == before and (not addresses or self._is_whole()):
            return Repair.NONE
        if not addresses:
            self.remove()
            return Repair.MADE
        self._made = ()
        apply_rules(deaf_rules(self.name, addresses))
        self._made = addresses
        return Repair.PUT_BACK if addresses == before else Repair.MADE

    def remove(self) -> None:
        """Nobody else's is touched."""
        if self._made:
            with closing(NfnetlinkSocket()) as connection:
                remove_tables(connection, self.name)
            self._made = ()

    def _is_whole(self) -> bool:
        with closing(NfnetlinkSocket()) as connection:
            return count_rules(connection, NftFamily.INET, self.name) == RULE_COUNT

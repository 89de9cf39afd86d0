"""The pair of tables of the nftables engine: made, hooked to links, changed, read, removed.

Knows transactions, and whether somebody else has made one. Must not know services.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence

from halod.kernel.nfnetlink_socket import NfnetlinkSocket
from halod.kernel.nft_dump import NftDump
from halod.wire.netlink import DecodeError
from halod.wire.nfnetlink import NftFamily, NftMessage, table
from halod.wire.nft_balancing import CREATE, FAMILIES, Change, base, ingress, unhooked
from halod.wire.nft_difference import difference
from halod.wire.nft_flow_rules import FlowTimeouts, common_rules
from halod.wire.nft_readback import Readback
from halod.wire.nft_service_rules import NOTHING, Content

__all__ = ["NftTables"]

_WENT = {errno.ENODEV, errno.ENOENT}
"""A link that was there when links were listed."""


class NftTables:
    """One table in family inet, one in netdev, under one name. For one thread."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.socket = NfnetlinkSocket()
        self.reads = 0
        self._dump = NftDump(self.socket, name)
        self._hooked: set[int] = set()
        """Links, by index."""
        self._generation: int | None = None
        """Of nftables when the tables were as we know them; None: they are to be read."""

    def close(self) -> None:
        self.socket.close()

    def is_as_we_left_it(self) -> bool:
        """Nobody has changed anything in nftables since the last look or change; raises OSError."""
        return self._generation is not None and self._dump.generation() == self._generation

    def read(self) -> Readback | None:
        """Everything; None: there is no such table. Raises OSError."""
        try:
            before = self._dump.generation()
            read = self._dump.read()
            # What changes under our hands is read again the next time.
            self._generation = before if self._dump.generation() == before else None
        except DecodeError as error:
            raise OSError(errno.EBADMSG, f"nftables answers what cannot be read: {error}") from None
        self.reads += 1
        self._hooked = read.hooked() if read else set()
        return read

    def counted(self) -> dict[int, int]:
        """How often each server was chosen, by its number; raises OSError."""
        return self._dump.counted()

    def change(self, changes: Sequence[Change]) -> dict[int, int]:
        """One transaction; what was refused, by its position, and then nothing is done."""
        refused = self.socket.change(changes)
        if changes and not refused and self._generation is not None:
            generation = self._dump.generation()
            self._generation = generation if generation == self._generation + 1 else None
        return refused

    def perform(self, changes: Sequence[Change], what: str) -> None:
        """One that is not to be refused; raises OSError."""
        for error in self.change(changes).values():
            raise OSError(error, f"nftables refused {what}: {os.strerror(error)}")

    def make(self, timeouts: FlowTimeouts) -> None:
        """Both anew, in place of what is left of them."""
        changes: list[Change] = []
        for family in FAMILIES:
            named = table(family, self.name)
            # Added first, so that there is something to delete.
            changes.append((NftMessage.NEWTABLE, CREATE, named))
            changes.append((NftMessage.DELTABLE, 0, named))
        self.perform([*changes, *base(self.name, timeouts)], "its tables")
        self._hooked.clear()

    def retime(self, timeouts: FlowTimeouts) -> None:
        """Flows are remembered so long from now on; those that are known, from their next packet
        on."""
        rules: dict[tuple[NftFamily, str], tuple[bytes, ...]] = {}
        for family, chain, expressions in common_rules(timeouts):
            rules[family, chain] = (*rules.get((family, chain), ()), expressions)
        changes = list(difference(self.name, NOTHING, Content(rules, {})))
        self.perform(changes, "other timeouts")

    def hook(self, links: Mapping[int, str]) -> None:
        """These, and no others: clients may come by any."""
        for index in links.keys() - self._hooked:
            link = links[index]
            errors = set(self.change(list(ingress(self.name, link, index))).values())
            if not errors:
                self._hooked.add(index)
            elif errors - _WENT:
                reason = os.strerror(min(errors - _WENT))
                raise OSError(min(errors), f"nftables refused a hook on {link}: {reason}")
        for index in self._hooked - links.keys():
            self.perform(list(unhooked(self.name, index)), f"to forget link {index}")
            self._hooked.discard(index)

    def remove(self) -> None:
        """Both are gone; nobody else's is touched. Raises OSError."""
        for family in FAMILIES:
            refused = self.change([(NftMessage.DELTABLE, 0, table(family, self.name))])
            for error in refused.values():
                if error != errno.ENOENT:
                    raise OSError(error, f"table {self.name} stays: {os.strerror(error)}")
        self._hooked.clear()

"""Reads back the tables of the nftables engine.

Knows which dumps it takes. Must not know what should be there.
"""

from __future__ import annotations

import errno
import sys

from halod.kernel.nfnetlink_socket import NfnetlinkSocket
from halod.wire.nfnetlink import NftFamily, NftMessage, elements_query, rules_of_chain
from halod.wire.nft_balancing import FAMILIES
from halod.wire.nft_message import (
    NftElement,
    decode_generation,
    decode_nft_elements,
    decode_nft_rule,
    generation_query,
)
from halod.wire.nft_readback import READ_SETS, Readback
from halod.wire.nft_service_rules import ChainName, SetName

__all__ = ["NftDump"]

_COUNTED: tuple[SetName, ...] = tuple((f, name) for f in FAMILIES for name in ("d4", "d6"))


class NftDump:
    def __init__(self, connection: NfnetlinkSocket, name: str) -> None:
        self._connection = connection
        self._name = name

    def read(self) -> Readback | None:
        """None: a table or a set is not there. Raises OSError, DecodeError."""
        try:
            elements = {
                place: {one.key: one for one in self._elements(*place)} for place in READ_SETS
            }
        except OSError as error:
            if error.errno == errno.ENOENT:
                return None
            raise
        rules: dict[ChainName, list[str]] = {}
        for family in FAMILIES:
            query = rules_of_chain(family, self._name)
            for message in self._connection.dump(NftMessage.GETRULE, query):
                rule = decode_nft_rule(message)
                # Older kernels answer with the rules of all tables.
                if rule.table == self._name:
                    rules.setdefault((family, rule.chain), []).append(rule.comment)
        return Readback(elements, {chain: tuple(comments) for chain, comments in rules.items()})

    def generation(self) -> int:
        """Counts the transactions of the whole namespace, whoever makes them; raises OSError."""
        return decode_generation(self._connection.ask(NftMessage.GETGEN, generation_query()))

    def counted(self) -> dict[int, int]:
        """How often each server was chosen, by its number; raises OSError."""
        found: dict[int, int] = {}
        for place in _COUNTED:
            for one in self._elements(*place, counted=True):
                number = _number(one.key)
                found[number] = found.get(number, 0) + one.packets
        return found

    def _elements(
        self, family: NftFamily, set_name: str, *, counted: bool = False
    ) -> list[NftElement]:
        query = elements_query(family, self._name, set_name)
        messages = self._connection.dump(NftMessage.GETSETELEM, query)
        return [
            one for message in messages for one in decode_nft_elements(message, counted=counted)
        ]


def _number(key: bytes) -> int:
    return int.from_bytes(key, sys.byteorder)

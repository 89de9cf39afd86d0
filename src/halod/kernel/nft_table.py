"""The tables of one daemon in nftables: made, looked after, put back as they were, removed.

Knows slots and which addresses hang on which. Must not know instances nor when a lease is due. For
several threads, none of them the advert path: each call may wait for the mutex of nftables.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from enum import Enum

from halod.kernel.nfnetlink_socket import Change, NfnetlinkSocket
from halod.kernel.nft_program import NftError, apply_rules
from halod.model.address import IpAddress
from halod.wire import deaf_rules
from halod.wire.gate_rules import (
    LEASE_KEYS,
    address_maps,
    base_rules,
    chain_name,
    lease_set,
    rule_count,
    slot_rules,
    table_name,
)
from halod.wire.lease_elements import Element, decode_elements, decode_rule_table, encode_elements
from halod.wire.netlink import DecodeError, Flag
from halod.wire.nfnetlink import NftFamily, NftMessage, elements_query, rules_of_chain, table

__all__ = ["NftTable", "Repair", "lease_changes", "prove_nftables"]
__all__ += ["remove_gate_tables"]

PROOF_MS = 20
"""Timeout of the element that is watched as it lapses."""
PROOF_DEADLINE_S = 0.5
"""It must have lapsed by then; the kernel's clock ticks every 1 to 10 ms."""
_PROOF_POLL_S = 0.002
_NO_NFTABLES = (errno.EPROTONOSUPPORT, errno.EOPNOTSUPP, errno.EAFNOSUPPORT)
"""What a kernel answers that has no nfnetlink, no nf_tables, or not these families."""


class Repair(Enum):
    """What a look at the tables led to."""

    NONE = "whole"
    MADE = "made, or slots added"
    PUT_BACK = "somebody had removed it"


class NftTable:
    """One table in family inet, one in arp, under one name."""

    def __init__(self, run_dir: str) -> None:
        self.name = table_name(run_dir)
        self.generation = 0
        """Counts how often the tables were made: leases of an older one are gone with it."""
        self._lock = threading.Lock()
        self._socket: NfnetlinkSocket | None = None
        self._wanted: tuple[int, ...] = ()
        self._made: set[int] = set()
        self._slots: dict[IpAddress, int] = {}

    def want(self, slots: Iterable[int]) -> None:
        """The slots that must stand after the next `ensure`; for any thread."""
        self._wanted = tuple(slots)

    def ensure(self) -> Repair:
        """Makes what is missing; raises OSError, NftError with what an operator can read."""
        with self._lock:
            return self._ensure()

    def put(self, addresses: Collection[IpAddress], slot: int) -> Repair:
        """These are heard while the lease of the slot is live; before it was written, not."""
        new = dict.fromkeys(addresses, slot)
        with self._lock:
            moved = {a: old for a in new if (old := self._slots.get(a, slot)) != slot}
            self._take_out(moved)
            repair = Repair.NONE
            # Looked at only where it fails: on a takeover each instance comes here.
            failed = self._put_in(new)
            if failed:
                repair = self._ensure()
                failed = self._put_in(new)
            if failed:
                reason = os.strerror(failed)
                raise OSError(failed, f"nftables took no address into its maps: {reason}")
            self._slots |= new
            return repair

    def take(self, addresses: Iterable[IpAddress]) -> None:
        """These are no business of the gate any more."""
        with self._lock:
            gone = {a: self._slots.pop(a) for a in addresses if a in self._slots}
            self._take_out(gone)

    def remove(self) -> None:
        """Both tables are gone; nobody else's is touched."""
        with self._lock:
            remove_tables(self._connection(), self.name)
            self.generation = 0
            self._slots.clear()

    def close(self) -> None:
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    # ---- under the lock --------------------------------------------------------------------

    def _ensure(self) -> Repair:
        before = self.generation > 0
        if before and self._is_whole():
            missing = [slot for slot in self._wanted if slot not in self._made]
            if not missing:
                return Repair.NONE
            apply_rules(slot_rules(self.name, missing))
            self._made.update(missing)
            return Repair.MADE
        slots = {*self._wanted, *self._slots.values()}
        self._made.clear()
        apply_rules(base_rules(self.name, sorted(slots)))
        self.generation += 1
        self._made = slots
        if self._slots and self._put_in(self._slots):
            raise NftError(errno.EIO, "the kernel took the addresses not back into its maps")
        return Repair.PUT_BACK if before else Repair.MADE

    def _is_whole(self) -> bool:
        return all(
            count_rules(self._connection(), family, self.name)
            == rule_count(family, len(self._made))
            for family in LEASE_KEYS
        )

    def _put_in(self, slots: dict[IpAddress, int]) -> int:
        """Errno of the first that failed, 0 for none."""
        changes = self._map_changes(NftMessage.NEWSETELEM, slots)
        return next(iter(self._connection().change(changes).values()), 0)

    def _take_out(self, slots: dict[IpAddress, int]) -> None:
        """One that somebody has removed would refuse the whole batch: so all are added first. What
        is refused then has gone with its table."""
        changes = self._map_changes(NftMessage.NEWSETELEM, slots)
        self._connection().change(changes + self._map_changes(NftMessage.DELSETELEM, slots))

    def _map_changes(self, type_: NftMessage, slots: dict[IpAddress, int]) -> list[Change]:
        by_map: dict[tuple[NftFamily, str], list[Element]] = {}
        for address, slot in slots.items():
            for place in address_maps(address):
                element = Element(address.packed, chain=chain_name(slot))
                by_map.setdefault(place, []).append(element)
        flags = Flag.CREATE if type_ is NftMessage.NEWSETELEM else 0
        return [
            (type_, flags, payload)
            for (family, name), elements in by_map.items()
            for payload in encode_elements(family, self.name, name, elements)
        ]

    def _connection(self) -> NfnetlinkSocket:
        if self._socket is None:
            self._socket = NfnetlinkSocket()
        return self._socket


def lease_changes(
    type_: NftMessage, table_: str, slot: int, timeout_ms: int | None
) -> Iterator[Change]:
    """One change of every element of a slot's lease."""
    flags = Flag.CREATE if type_ is NftMessage.NEWSETELEM else 0
    for family, keys in LEASE_KEYS.items():
        elements = [Element(key, timeout_ms) for key in keys]
        for payload in encode_elements(family, table_, lease_set(slot), elements):
            yield type_, flags, payload


def count_rules(connection: NfnetlinkSocket, family: NftFamily, table_: str) -> int:
    """Rules that stand in a table now; 0 where there is none."""
    count = 0
    dumped = connection.dump(NftMessage.GETRULE, rules_of_chain(family, table_))
    for message in dumped:
        try:
            count += decode_rule_table(message) == table_
        except DecodeError:
            continue
    return count


def remove_tables(connection: NfnetlinkSocket, name: str) -> None:
    """The tables of that name in both families, where there are any."""
    for family in LEASE_KEYS:
        failed = connection.change([(NftMessage.DELTABLE, 0, table(family, name))])
        for error in failed.values():
            if error != errno.ENOENT:
                reason = os.strerror(error)
                raise OSError(error, f"table {family.name.lower()} {name} stays: {reason}")


def remove_gate_tables(run_dir: str) -> None:
    """What the daemon of a run directory has left. A kernel without nftables has nothing."""
    try:
        with closing(NfnetlinkSocket()) as connection:
            own = deaf_rules.table_name(run_dir)
            for name in (table_name(run_dir), _proof_name(run_dir), own):
                remove_tables(connection, name)
    except OSError as error:
        if error.errno not in _NO_NFTABLES:
            raise


def _proof_name(run_dir: str) -> str:
    return f"{table_name(run_dir)}_proof"


def prove_nftables(run_dir: str) -> str | None:
    """Makes trial tables and lets an element lapse in them; what is wrong, or None.

    What the lease relies on: the element goes by itself, and to delete it then is an error.
    """
    name = _proof_name(run_dir)
    try:
        with closing(NfnetlinkSocket()) as connection:
            apply_rules(base_rules(name, [0]))
            try:
                return _watch_lapse(connection, name)
            finally:
                remove_tables(connection, name)
    except OSError as error:
        return str(error.strerror)


def _watch_lapse(connection: NfnetlinkSocket, name: str) -> str | None:
    if connection.change(lease_changes(NftMessage.NEWSETELEM, name, 0, PROOF_MS)):
        return "a set with a timeout takes no element"
    if _count_leases(connection, name) != len(LEASE_KEYS[NftFamily.INET]):
        return "an element that was added is not there"
    deadline = time.monotonic() + PROOF_DEADLINE_S
    while _count_leases(connection, name):
        if time.monotonic() > deadline:
            return f"an element of {PROOF_MS} ms outlives {PROOF_DEADLINE_S * 1000:.0f} ms"
        time.sleep(_PROOF_POLL_S)
    if not connection.change(lease_changes(NftMessage.DELSETELEM, name, 0, None)):
        return "an element that lapsed can still be deleted"
    return None


def _count_leases(connection: NfnetlinkSocket, name: str) -> int:
    query = elements_query(NftFamily.INET, name, lease_set(0))
    dumped = connection.dump(NftMessage.GETSETELEM, query)
    return sum(len(decode_elements(message)) for message in dumped)

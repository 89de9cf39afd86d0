"""Virtual addresses on their links: granted, renewed, revoked, each in one batch.

Knows which addresses are ours: those that carry our tag, or that the caller says are. Must not
decide when. What stands there otherwise is the operator's and is never touched.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.model.address import IpAddress, VirtualAddress
from halod.model.units import Duration
from halod.wire import rtnetlink
from halod.wire.netlink import DecodeError, Flag
from halod.wire.rtnetlink import IFAPROT_HALOD, LIFETIME_FOREVER, AddressMessage, Type

__all__ = ["Addresses", "GrantResult"]


@dataclass(frozen=True, slots=True)
class GrantResult:
    """What became of each address of a grant."""

    added: tuple[VirtualAddress, ...]
    """Ours now, with the lifetime that was asked for."""
    foreign: tuple[VirtualAddress, ...]
    """Stood there before: the operator's."""
    failed: tuple[tuple[VirtualAddress, str], ...]
    """With the kernel's reason."""


class Addresses:
    """The adapter. Interface indexes are looked up by the caller's table."""

    def __init__(self, requests: RtnetlinkSocket) -> None:
        self._requests = requests
        self.indexes: dict[str, int] = {}
        """Interface name to index; kept by the caller."""

    def grant(
        self,
        addresses: Sequence[VirtualAddress],
        lease: Duration | None,
        known: frozenset[VirtualAddress] = frozenset(),
    ) -> GrantResult:
        """Puts them up; idempotent. `known`: ours from before, whatever tag the kernel kept.

        An address that stands with our tag is taken over and gets the lifetime.
        """
        present = [a for a in addresses if a.interface in self.indexes]
        missing = [(a, f"no interface {a.interface}") for a in addresses if a not in present]
        payloads = [self._encode(a, lease) for a in present]
        errors = self._requests.change(Type.NEWADDR, Flag.CREATE | Flag.EXCL, payloads)
        added, existing, failed = [], [], list(missing)
        for address, error in zip(present, errors, strict=True):
            if error == 0:
                added.append(address)
            elif error == errno.EEXIST:
                existing.append(address)
            else:
                failed.append((address, f"{address}: {os.strerror(error)}"))
        foreign: list[VirtualAddress] = []
        if existing:
            tagged = set(self.tagged())
            ours = [a for a in existing if a in known or self._key(a) in tagged]
            foreign = [a for a in existing if a not in ours]
            added += self.renew(ours, lease)
        return GrantResult(tuple(added), tuple(foreign), tuple(failed))

    def renew(
        self, addresses: Sequence[VirtualAddress], lease: Duration | None
    ) -> list[VirtualAddress]:
        """New lifetimes for ours; returns those that were renewed.

        The kernel would put back an address that has gone (`REPLACE` creates): the caller must
        know that it stands. A process that is frozen between that knowledge and this call is the
        documented hole of this kind of lease.
        """
        present = [a for a in addresses if a.interface in self.indexes]
        payloads = [self._encode(a, lease) for a in present]
        errors = self._requests.change(Type.NEWADDR, Flag.REPLACE, payloads)
        return [a for a, error in zip(present, errors, strict=True) if error == 0]

    def revoke(self, addresses: Iterable[VirtualAddress]) -> list[tuple[VirtualAddress, str]]:
        """Takes ours down; what is gone already is no failure. Returns failures with reasons."""
        present = [a for a in addresses if a.interface in self.indexes]
        payloads = [self._encode(a, None) for a in present]
        errors = self._requests.change(Type.DELADDR, 0, payloads)
        gone = (0, errno.EADDRNOTAVAIL, errno.ENODEV)
        return [
            (address, os.strerror(error))
            for address, error in zip(present, errors, strict=True)
            if error not in gone
        ]

    def tagged(self) -> list[tuple[int, IpAddress, int]]:
        """(interface index, address, prefix length) of every address with our tag."""
        return [
            (found.index, found.address, found.prefix_length)
            for found in self.standing()
            if found.protocol == IFAPROT_HALOD
        ]

    def standing(self) -> list[AddressMessage]:
        """Every IPv4 address of this network namespace."""
        found = []
        for message in self._requests.dump(Type.GETADDR):
            try:
                value = rtnetlink.decode(message)
            except DecodeError:
                continue
            if isinstance(value, AddressMessage):
                found.append(value)
        return found

    def _key(self, address: VirtualAddress) -> tuple[int, IpAddress, int]:
        return self.indexes[address.interface], address.address, address.prefix_length

    def _encode(self, address: VirtualAddress, lease: Duration | None) -> bytes:
        seconds = LIFETIME_FOREVER if lease is None else lease.whole_seconds
        return rtnetlink.encode_address(address, self.indexes[address.interface], seconds)

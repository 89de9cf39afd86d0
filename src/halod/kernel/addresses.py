"""Virtual addresses on their links: granted, renewed, revoked, each in one batch.

Knows which addresses are ours: those that carry our tag, or that the caller says are. Must not
decide when. What stands there otherwise is the operator's and is never touched.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from halod.kernel.rtnetlink_socket import RtnetlinkSocket
from halod.model.address import IpAddress, VirtualAddress
from halod.model.units import Duration
from halod.wire import rtnetlink
from halod.wire.netlink import DecodeError, Flag
from halod.wire.rtnetlink import IFAPROT_HALOD, LIFETIME_FOREVER, AddressMessage, Type

__all__ = ["Addresses", "GrantResult", "kernel_keeps_tags"]


@dataclass(frozen=True, slots=True)
class GrantResult:
    """What became of each address of a grant."""

    places: dict[VirtualAddress, int]
    """Ours now, with the lifetime that was asked for, and the index of each one's interface."""
    foreign: tuple[VirtualAddress, ...]
    """Stood there before: the operator's."""
    failed: tuple[tuple[VirtualAddress, str], ...]
    """With the kernel's reason."""

    @property
    def added(self) -> tuple[VirtualAddress, ...]:
        """Those that are ours now."""
        return tuple(self.places)


def kernel_keeps_tags() -> bool:
    """Whether addresses carry who made them: IFA_PROTO came with Linux 5.18."""
    version = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return version is not None and (int(version[1]), int(version[2])) >= (5, 18)


class Addresses:
    """The adapter. Interface indexes are looked up by the caller's table."""

    def __init__(self, requests: RtnetlinkSocket) -> None:
        self._requests = requests
        self.indexes: dict[str, int] = {}
        """Interface name to index; kept by the caller, from another thread if need be."""

    def grant(
        self,
        addresses: Sequence[VirtualAddress],
        lease: Duration | None,
        known: Collection[VirtualAddress] = (),
    ) -> GrantResult:
        """Puts them up; idempotent. One that stands with our tag is adopted and gets the lease.

        `known`: ours from before, on kernels that keep no tag.
        """
        placed = self.place(addresses)
        failed = [(a, f"no interface {a.interface}") for a in addresses if a not in placed]
        errors = self._change(Type.NEWADDR, Flag.CREATE | Flag.EXCL, placed, lease)
        added, existing = [], {}
        for (address, index), error in zip(placed.items(), errors, strict=True):
            if error == 0:
                added.append(address)
            elif error == errno.EEXIST:
                existing[address] = index
            else:
                failed.append((address, f"{address}: {os.strerror(error)}"))
        foreign: list[VirtualAddress] = []
        if existing:
            ours = self.ours(existing)
            if not kernel_keeps_tags():
                ours |= {a: index for a, index in existing.items() if a in known}
            foreign = [a for a in existing if a not in ours]
            added += self.renew(list(ours), lease)
        places = {a: placed[a] for a in added}
        return GrantResult(places, tuple(foreign), tuple(failed))

    def renew(
        self, addresses: Collection[VirtualAddress], lease: Duration | None
    ) -> list[VirtualAddress]:
        """New lifetimes for ours; returns those that were renewed.

        The kernel would put back an address that has gone (`REPLACE` creates): the caller must
        know that it stands. A process that is frozen between that knowledge and this call is the
        documented hole of this kind of lease.
        """
        placed = self.place(addresses)
        errors = self._change(Type.NEWADDR, Flag.REPLACE, placed, lease)
        return [a for a, error in zip(placed, errors, strict=True) if error == 0]

    def revoke(self, places: Mapping[VirtualAddress, int]) -> list[tuple[VirtualAddress, str]]:
        """Takes ours down, each from the interface with that index, whatever its name is now.

        What is gone already is no failure. Returns failures with reasons.
        """
        errors = self._change(Type.DELADDR, 0, places, None)
        gone = (0, errno.EADDRNOTAVAIL, errno.ENODEV)
        return [
            (address, os.strerror(error))
            for address, error in zip(places, errors, strict=True)
            if error not in gone
        ]

    def ours(self, places: Mapping[VirtualAddress, int]) -> dict[VirtualAddress, int]:
        """Those of them that stand there with our tag."""
        tagged = set(self.tagged())
        return {
            address: index
            for address, index in places.items()
            if (index, address.address, address.prefix_length) in tagged
        }

    def place(self, addresses: Iterable[VirtualAddress]) -> dict[VirtualAddress, int]:
        """The index of each one's interface; those without one are left out."""
        return {a: i for a in addresses if (i := self.indexes.get(a.interface)) is not None}

    def tagged(self) -> list[tuple[int, IpAddress, int]]:
        """(interface index, address, prefix length) of every address with our tag."""
        return [
            (found.index, found.address, found.prefix_length)
            for found in self.standing()
            if found.protocol == IFAPROT_HALOD
        ]

    def standing(self) -> list[AddressMessage]:
        """Every address of this network namespace."""
        found = []
        for message in self._requests.dump(Type.GETADDR):
            try:
                value = rtnetlink.decode(message)
            except DecodeError:
                continue
            if isinstance(value, AddressMessage):
                found.append(value)
        return found

    def _change(
        self, type_: Type, flags: int, places: Mapping[VirtualAddress, int], lease: Duration | None
    ) -> list[int]:
        seconds = LIFETIME_FOREVER if lease is None else lease.whole_seconds
        payloads = [
            rtnetlink.encode_address(address, index, seconds) for address, index in places.items()
        ]
        return self._requests.change(type_, flags, payloads)

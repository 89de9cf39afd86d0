"""The kernel's news about links and addresses, as events.

Knows subscriptions, overruns and whose change it was. Must not decide what a change means.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from halod.kernel.rtnetlink_socket import RtnetlinkSocket, widen
from halod.model.address import IpAddress, Link
from halod.model.event import AddressLost, Event, LinkGone, LinkObserved, LossBy
from halod.wire import netlink, rtnetlink
from halod.wire.netlink import Control, DecodeError, Message
from halod.wire.rtnetlink import AddressMessage, Group, LinkMessage, Type

__all__ = ["Monitor"]

RECEIVE_BUFFER = 8 * 1024 * 1024
"""Bytes: a bridge with thousands of ports tells much at once; an overrun costs a dump."""
DRAIN_MAX = 64
"""Datagrams in one turn of the loop."""
_READ = 1 << 17


@dataclass(slots=True)
class _Seen:
    name: str
    running: bool
    hardware_address: bytes
    addresses: list[IpAddress] = field(default_factory=list)
    """All of them, in the kernel's order, virtual ones too."""


class Monitor:
    """A subscription and the table that it keeps up to date."""

    def __init__(self, own_ports: Container[int]) -> None:
        self.virtual_addresses: frozenset[IpAddress] = frozenset()
        """Addresses of our instances: never reported as an address of the host."""
        self._own_ports = own_ports
        self._socket = socket.socket(
            socket.AF_NETLINK,
            socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK,
            socket.NETLINK_ROUTE,
        )
        widen(self._socket, RECEIVE_BUFFER)
        self._socket.bind((0, Group.LINK | Group.IPV4_IFADDR))
        self._requests = RtnetlinkSocket()
        self._links: dict[int, _Seen] = {}
        self._told: dict[str, Link] = {}
        self.overruns = 0

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()
        self._requests.close()

    def start(self) -> list[Event]:
        """The state of every link, after the subscription: nothing falls between the two."""
        return self.resync()

    def receive(self) -> list[Event]:
        """What happened since the last call. After an overrun: what a dump shows to be new.

        Lost in an overrun: who removed an address (it counts as somebody), and changes that were
        undone again meanwhile.
        """
        events: list[Event] = []
        for _ in range(DRAIN_MAX):
            try:
                datagram = self._socket.recv(_READ)
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self.overruns += 1
                return events + self.resync()
            events += self._digest(datagram)
        return events

    def retell(self) -> list[Event]:
        """Every link once more: after a reload other instances want to know."""
        self._told = {}
        return self.resync()

    def resync(self) -> list[Event]:
        """Dumps both tables and tells the differences."""
        before = {
            (seen.name, address) for seen in self._links.values() for address in seen.addresses
        }
        links: dict[int, _Seen] = {}
        for value in self._values(self._requests.dump(Type.GETLINK)):
            if isinstance(value, LinkMessage):
                links[value.index] = _Seen(value.name, value.running, value.hardware_address)
        for value in self._values(self._requests.dump(Type.GETADDR)):
            if isinstance(value, AddressMessage) and value.index in links:
                links[value.index].addresses.append(value.address)
        self._links = links
        after = {(seen.name, address) for seen in links.values() for address in seen.addresses}
        lost: list[Event] = [
            AddressLost(address, name, LossBy.SOMEBODY)
            for name, address in sorted(before - after, key=str)
            if address in self.virtual_addresses
        ]
        return lost + self._tell_links()

    # ---- digesting -------------------------------------------------------------------------

    def _digest(self, datagram: bytes) -> list[Event]:
        events: list[Event] = []
        try:
            batch = list(netlink.messages(datagram))
        except DecodeError:
            return self.resync()
        for message in batch:
            if message.type == Control.OVERRUN:
                return events + self.resync()
            for value in self._values([message]):
                events += self._apply(message, value)
        return events + self._tell_links()

    def _values(self, batch: Iterable[Message]) -> Iterable[object]:
        for message in batch:
            try:
                yield rtnetlink.decode(message)
            except DecodeError:
                continue

    def _apply(self, message: Message, value: object) -> list[Event]:
        if isinstance(value, LinkMessage):
            if message.type == Type.DELLINK:
                self._links.pop(value.index, None)
            else:
                old = self._links.get(value.index)
                addresses = old.addresses if old else []
                self._links[value.index] = _Seen(
                    value.name, value.running, value.hardware_address, addresses
                )
        elif isinstance(value, AddressMessage) and value.index in self._links:
            return self._apply_address(message, value, self._links[value.index])
        return []

    def _apply_address(self, message: Message, value: AddressMessage, link: _Seen) -> list[Event]:
        known = value.address in link.addresses
        if message.type == Type.NEWADDR:
            if not known:
                link.addresses.append(value.address)
            return []
        if known:
            link.addresses.remove(value.address)
        if value.address not in self.virtual_addresses or message.port in self._own_ports:
            return []
        by = LossBy.SOMEBODY if message.port else LossBy.KERNEL
        return [AddressLost(value.address, link.name, by, _culprit(message.port))]

    def _tell_links(self) -> list[Event]:
        """Links that differ from what was told last."""
        now = {}
        for index, seen in self._links.items():
            own = tuple(a for a in seen.addresses if a not in self.virtual_addresses)
            now[seen.name] = Link(seen.name, index, seen.running, seen.hardware_address, own)
        gone: list[Event] = [LinkGone(name) for name in self._told if name not in now]
        new: list[Event] = [
            LinkObserved(link) for name, link in now.items() if self._told.get(name) != link
        ]
        self._told = now
        return gone + new


def _culprit(port: int) -> str:
    """A netlink port is by custom the process id of the program: named if that is still so."""
    if not port:
        return ""
    try:
        name = Path(f"/proc/{port}/comm").read_text().strip()
    except OSError:
        return ""
    return f"{name} (pid {port})"

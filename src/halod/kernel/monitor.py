"""The kernel's news about links and addresses, as events.

Knows subscriptions, overruns and whose change it was. Must not decide what a change means.
"""

from __future__ import annotations

import errno
import select
import socket
from collections.abc import Container, Iterable
from pathlib import Path

from halod.kernel.netlink_socket import widen
from halod.kernel.table_reader import SeenLink, Table, TableReader, values_of
from halod.model.address import IpAddress, Link
from halod.model.event import AddressLost, Event, LinkGone, LinkObserved, LossBy
from halod.wire import netlink, rtnetlink, traffic_control
from halod.wire.netlink import Control, DecodeError, Message
from halod.wire.rtnetlink import AddressMessage, Group, LinkMessage, Type
from halod.wire.traffic_control import GROUP_TC, TcType

__all__ = ["Monitor"]

RECEIVE_BUFFER = 8 * 1024 * 1024
"""Bytes: a bridge with thousands of ports tells much at once; an overrun costs a dump."""
DRAIN_MAX = 64
"""Datagrams in one turn of the loop."""
_READ = 1 << 17
READS_IN_VAIN_MAX = 5
"""Readings of the tables that another overrun made doubtful before they were there: the next counts
all the same, for a storm must not keep us in the dark."""


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
        self._socket.bind((0, Group.LINK | Group.IPV4_IFADDR | Group.IPV6_IFADDR | GROUP_TC))
        self._reader = TableReader()
        self._is_reading = False
        self._has_lost = False
        """Whether news was lost since the tables were asked for."""
        self._in_vain = 0
        self._meanwhile: list[Message] = []
        """News since then: what it says may be newer than the tables."""
        self._links: Table = {}
        self._told: dict[int, Link] = {}
        self.overruns = 0
        self.disturbed: set[str] = set()
        """Interfaces whose traffic control somebody else has changed; emptied by the reader."""

    def descriptors(self) -> tuple[int, int]:
        """To wait on: `receive` is due when one of them is readable."""
        return self._socket.fileno(), self._reader.fileno()

    def close(self) -> None:
        self._socket.close()
        self._reader.close()

    def start(self) -> list[Event]:
        """The state of every link, after the subscription: nothing falls between the two."""
        self._links = self._reader.read()
        self._reader.start()
        return self._tell(self._links)

    def receive(self) -> list[Event]:
        """What happened since the last call. After an overrun: what the tables show to be new, as
        soon as they were read.

        Lost in an overrun: who removed an address (it counts as somebody), and changes that were
        undone again meanwhile. What the kernel had kept is heard first: it says who.
        """
        table = self._reader.take()
        events = [] if table is None else self._take_over(table)
        for _ in range(DRAIN_MAX):
            try:
                datagram = self._socket.recv(_READ)
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self.overruns += 1
                self._has_lost = True
                continue
            events += self._digest(datagram)
        if self._has_lost and not self._is_reading and self._heard_all():
            self._has_lost = False
            self._is_reading = True
            self._reader.ask()
        return events

    def retell(self) -> list[Event]:
        """Every link once more: after a reload other instances want to know, and other addresses
        are virtual. From what is known: a dump would wait for the kernel's lock, and adverts with
        it."""
        fresh = self.receive()
        fresh += self._tell(list(self._links))
        new = {event.link.name for event in fresh if isinstance(event, LinkObserved)}
        return fresh + [LinkObserved(link) for link in self._told.values() if link.name not in new]

    # ---- overruns --------------------------------------------------------------------------

    def _heard_all(self) -> bool:
        """Only then may the tables be read: what is still queued is older than they would be, and
        the kernel drops all further news, without a word, until the queue has been empty."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def _take_over(self, table: Table) -> list[Event]:
        """The tables were read: tells what differs from what the news had said."""
        self._is_reading = False
        meanwhile, self._meanwhile = self._meanwhile, []
        if self._has_lost and self._in_vain < READS_IN_VAIN_MAX:
            self._in_vain += 1
            return []
        self._in_vain = 0
        before = self._standing()
        self.disturbed |= {seen.name for seen in self._links.values()}
        self._links = table
        for message in meanwhile:
            for value in values_of([message]):
                self._update(message, value)  # Told already.
        lost: list[Event] = [
            AddressLost(address, name, LossBy.SOMEBODY)
            for name, address in sorted(before - self._standing(), key=str)
            if address in self.virtual_addresses
        ]
        gone = sorted(self._told.keys() - self._links.keys())
        return lost + self._tell([*gone, *self._links])

    def _standing(self) -> set[tuple[str, IpAddress]]:
        return {(seen.name, a) for seen in self._links.values() for a, _ in seen.addresses}

    # ---- digesting -------------------------------------------------------------------------

    def _digest(self, datagram: bytes) -> list[Event]:
        events: list[Event] = []
        if not self._is_reading and self._takes_up(datagram):
            return events
        try:
            batch = list(netlink.messages(datagram))
        except DecodeError:
            self._has_lost = True
            return events
        for message in batch:
            if message.type == Control.OVERRUN:
                self._has_lost = True
                continue
            if message.type in (TcType.DELQDISC, TcType.DELTFILTER):
                self._disturbed(message)
                continue
            if self._is_reading:
                self._meanwhile.append(message)
            for value in values_of([message]):
                events += self._apply(message, value)
        return events

    def _takes_up(self, datagram: bytes) -> bool:
        """Whether it says no more than that a virtual address is where we have put it."""
        came = rtnetlink.own_address_came(datagram, self._own_ports)
        if came is None:
            return False
        index, address, prefix_length = came
        link = self._links.get(index)
        if link is None or address not in self.virtual_addresses:
            return False
        link.addresses[address, prefix_length] = True
        return True

    def _disturbed(self, message: Message) -> None:
        try:
            link = self._links.get(traffic_control.decode_index(message))
        except DecodeError:
            return
        if link is not None and message.port not in self._own_ports:
            self.disturbed.add(link.name)

    def _apply(self, message: Message, value: object) -> list[Event]:
        """One piece of news: brings the table up to date and tells what it changes."""
        if isinstance(value, LinkMessage):
            self._update(message, value)
            return self._tell([value.index])
        if isinstance(value, AddressMessage) and value.index in self._links:
            link = self._links[value.index]
            # Not known: told before (by the tables).
            known = (value.address, value.prefix_length) in link.addresses
            self._update(message, value)
            lost = self._loss(message, value, link) if known else []
            if value.address in self.virtual_addresses:
                return lost  # none of the link's own
            return lost + self._tell([value.index])
        return []

    def _update(self, message: Message, value: object) -> None:
        if isinstance(value, LinkMessage):
            old = self._links.pop(value.index, None)
            if message.type != Type.DELLINK:
                addresses = old.addresses if old else {}
                self._links[value.index] = SeenLink(
                    value.name, value.running, value.hardware_address, addresses
                )
        elif isinstance(value, AddressMessage) and value.index in self._links:
            place = (value.address, value.prefix_length)
            if message.type == Type.NEWADDR:
                self._links[value.index].addresses[place] = value.is_ready
            else:
                self._links[value.index].addresses.pop(place, None)

    def _loss(self, message: Message, value: AddressMessage, link: SeenLink) -> list[Event]:
        """That an address of ours was removed, by others; not while it stands with another mask."""
        if (
            message.type == Type.NEWADDR
            or value.address not in self.virtual_addresses
            or message.port in self._own_ports
            or link.has(value.address)
        ):
            return []
        by = LossBy.SOMEBODY if message.port else LossBy.KERNEL
        return [AddressLost(value.address, link.name, by, _culprit(message.port))]

    def _tell(self, indexes: Iterable[int]) -> list[Event]:
        """Those of these links that differ from what was told last; what has gone stands first."""
        events: list[Event] = []
        for index in indexes:
            seen, old = self._links.get(index), self._told.get(index)
            if old is not None and (seen is None or seen.name != old.name):
                del self._told[index]
                events.append(LinkGone(old.name))
            if seen is None:
                continue
            own = dict.fromkeys(
                address
                for (address, _), is_ready in seen.addresses.items()
                if is_ready and address not in self.virtual_addresses
            )
            link = Link(seen.name, index, seen.running, seen.hardware_address, tuple(own))
            if link != old:
                self._told[index] = link
                events.append(LinkObserved(link))
        return events


def _culprit(port: int) -> str:
    """A netlink port is by custom the process id of the program: named if that is still so."""
    if not port:
        return ""
    try:
        # A process calls itself what it likes: bytes that need not be text.
        name = Path(f"/proc/{port}/comm").read_bytes().decode(errors="replace").strip()
    except OSError:
        return ""
    return f"{name} (pid {port})"

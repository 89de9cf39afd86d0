"""Watching who holds VIPs: a netlink socket inside every balancer, one JSON line a change.

One process for all hosts; it runs in the switch's namespace, so no fault of a host ends it. It
learns of a change from the kernel itself, by a notification, within a millisecond, whoever made it.
An address that stands but is silent is owned by nobody (a lease may end by silence), so each
address that stands is asked for at the host's port of the switch, again and again (`speech.py`).
Run as `python -m halod.lab.owner_watch NAME=NAMESPACE=INTERFACE=OWN_ADDRESS…`.
"""

import json
import selectors
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from ipaddress import ip_address

from halod.lab.namespace import Namespace
from halod.lab.punctual import Stop, be_punctual
from halod.lab.speech import ASK_EVERY_S, Speech

NETLINK_HEADER = struct.Struct("=IHHII")
ADDRESS_HEADER = struct.Struct("=BBBBI")
LINK_HEADER = struct.Struct("=xxHiII")
ATTRIBUTE_HEADER = struct.Struct("=HH")

RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK = 16, 17, 18
RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
IFA_ADDRESS, IFA_LOCAL = 1, 2
IFLA_LINK = 5
IFF_LOWER_UP = 0x10000
IFF_UP = 0x1
REQUEST_DUMP = 0x301
GROUPS = 0x1 | 0x10 | 0x100
"""RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR (rtnetlink(7))."""

RECEIVE_BUFFER = 4 * 1024 * 1024
"""Bytes: room for the notifications of several thousand addresses at once."""

SO_RCVBUFFORCE = 33
"""Linux: a receive buffer above the limit for ordinary users."""


@dataclass
class WatchedHost:
    """What is known of one host."""

    name: str
    own_address: str
    interface_index: int
    sock: socket.socket
    speech: Speech
    links: dict[int, bool] = field(default_factory=dict)
    """Its interface and those that stand on it (a virtual MAC has one of its own): whether up."""
    found: dict[int, set[str]] = field(default_factory=dict)
    """Their addresses, whether up or not."""
    written: frozenset[str] | None = None

    @property
    def link_up(self) -> bool:
        """Whether it can be reached at all."""
        return self.links.get(self.interface_index, False)

    @property
    def addresses(self) -> set[str]:
        """Those that stand on links that are up."""
        return {a for index, up in self.links.items() if up for a in self.found.get(index, ())}

    def held(self) -> frozenset[str]:
        """The VIPs that it owns: none while it cannot be reached."""
        return frozenset(self.addresses - self.speech.silent if self.link_up else ())

    def request(self, kind: int) -> None:
        """Ask for all links or all addresses; the answers come as notifications do."""
        body = bytes(LINK_HEADER.size if kind == RTM_GETLINK else ADDRESS_HEADER.size)
        length = NETLINK_HEADER.size + len(body)
        self.sock.send(NETLINK_HEADER.pack(length, kind, REQUEST_DUMP, 0, 0) + body)

    def take(self, message_type: int, body: bytes) -> None:
        """Learn from one message; those of other interfaces say nothing."""
        if message_type in (RTM_NEWADDR, RTM_DELADDR):
            self.take_address(message_type == RTM_NEWADDR, body)
        elif message_type in (RTM_NEWLINK, RTM_DELLINK):
            self.take_link(message_type == RTM_NEWLINK, body)

    def take_link(self, there: bool, body: bytes) -> None:
        """A link came, changed or went."""
        _kind, index, flags, _change = LINK_HEADER.unpack_from(body)
        stands_on = read_attributes(body[LINK_HEADER.size :]).get(IFLA_LINK, bytes(4))
        below = int.from_bytes(stands_on, sys.byteorder)
        if self.interface_index not in (index, below):
            return
        reachable = IFF_UP | IFF_LOWER_UP
        self.links[index] = there and flags & reachable == reachable
        if not self.links[index] and index != self.interface_index:
            for address in self.found.get(index, ()):
                self.speech.forget(address)
        if not there:
            self.links.pop(index)
            self.found.pop(index, None)

    def take_address(self, added: bool, body: bytes) -> None:
        """An address came or went."""
        _family, _prefix, _flags, _scope, index = ADDRESS_HEADER.unpack_from(body)
        attributes = read_attributes(body[ADDRESS_HEADER.size :])
        packed = attributes.get(IFA_LOCAL) or attributes.get(IFA_ADDRESS)
        if index not in self.links or packed is None:
            return
        address = ip_address(packed)
        if address.is_link_local or str(address) == self.own_address:
            return
        if added:
            self.found.setdefault(index, set()).add(str(address))
        else:
            self.found.get(index, set()).discard(str(address))
            self.speech.forget(str(address))


def read_attributes(data: bytes) -> dict[int, bytes]:
    """The attributes of a message by type."""
    found: dict[int, bytes] = {}
    while len(data) >= ATTRIBUTE_HEADER.size:
        length, kind = ATTRIBUTE_HEADER.unpack_from(data)
        if length < ATTRIBUTE_HEADER.size:
            break
        found[kind] = data[ATTRIBUTE_HEADER.size : length]
        data = data[(length + 3) & ~3 :]
    return found


def open_host(argument: str) -> WatchedHost:
    """Start to watch one host."""
    name, namespace, interface, own_address = argument.split("=")

    def open_inside() -> tuple[socket.socket, int]:
        sock = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE
        )
        try:
            sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        except PermissionError:
            # Root of a user namespace alone gets what an ordinary user may have: `hear` asks again
            # for everything when that was too little.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        sock.bind((0, GROUPS))
        return sock, socket.if_nametoindex(interface)

    sock, index = Namespace(namespace).call(open_inside)
    # The host's port of the switch, where we run, has the host's name.
    return WatchedHost(name, own_address, index, sock, Speech(name))


def hear(host: WatchedHost) -> None:
    """Take everything that a host's kernel has said."""
    while True:
        try:
            data = host.sock.recv(256 * 1024)
        except BlockingIOError:
            return
        except OSError:
            # ENOBUFS: notifications were lost, so ask for the whole state again.
            host.found.clear()
            host.request(RTM_GETADDR)
            continue
        while len(data) >= NETLINK_HEADER.size:
            length, kind, _flags, _sequence, _pid = NETLINK_HEADER.unpack_from(data)
            host.take(kind, data[NETLINK_HEADER.size : length])
            data = data[(length + 3) & ~3 :]


def write_change(host: WatchedHost, at_ns: int | None = None) -> None:
    """Write a line when what it holds has changed, at that instant or now."""
    held = host.held()
    if held != host.written:
        host.written = held
        at_ns = time.monotonic_ns() if at_ns is None else at_ns
        record = {"at_ns": at_ns, "host": host.name, "held": sorted(held)}
        print(json.dumps(record), flush=True)


def main(arguments: list[str]) -> int:
    """Watch until SIGTERM."""
    stop = Stop()
    selector = selectors.DefaultSelector()
    hosts = [open_host(argument) for argument in arguments]
    for host in hosts:
        selector.register(host.sock, selectors.EVENT_READ, host)
        selector.register(host.speech, selectors.EVENT_READ, host)
        # One dump at a time: the kernel refuses a second while the first is being read.
        for kind in (RTM_GETLINK, RTM_GETADDR):
            host.request(kind)
            wait_and_hear(host)
        write_change(host)
    be_punctual()
    print(json.dumps({"ready": True}), flush=True)
    ask_at = time.monotonic()
    while not stop.asked:
        for key, _events in selector.select(timeout=max(0.0, ask_at - time.monotonic())):
            watched: WatchedHost = key.data
            if key.fileobj is watched.speech:
                write_change(watched, watched.speech.hear())
            else:
                hear(watched)
                write_change(watched)
        if time.monotonic() >= ask_at:
            ask_at = time.monotonic() + ASK_EVERY_S
            for host in hosts:
                write_change(host, host.speech.ask(host.addresses if host.link_up else ()))
    return 0


def wait_and_hear(host: WatchedHost) -> None:
    """Wait for the first part of an answer and take it."""
    with selectors.DefaultSelector() as one:
        one.register(host.sock, selectors.EVENT_READ)
        one.select(timeout=2.0)
    hear(host)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

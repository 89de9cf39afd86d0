"""The stage of the gate's tests: a host with one link, and what stands at the link's far end.

Knows namespaces and sockets. Must not know which way in the kernel a gate goes.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, ip_address
from typing import Protocol, TypeVar

from halod.lab.namespace import Namespace
from halod.lab.patience import wait_until
from halod.wire import arp

HERE, PEER, VIP, VIP6 = "10.9.9.1", "10.9.9.77", "10.9.9.9", "fd00:9::9"


class Closable(Protocol):
    def close(self) -> None: ...


T = TypeVar("T", bound=Closable)


class Inside:
    """Opens things in the namespace, and closes them when the test is over."""

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace
        self.opened: list[Closable] = []

    def open(self, make: Callable[[], T]) -> T:
        made = self.namespace.call(make)
        self.opened.append(made)
        return made

    def speaker(self, address: str) -> socket.socket:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET

        def bind() -> socket.socket:
            sock = socket.socket(family, socket.SOCK_DGRAM)
            sock.bind((address, 0))
            return sock

        return self.open(bind)

    def index_of(self, link: str) -> int:
        return self.namespace.call(lambda: socket.if_nametoindex(link))


@contextmanager
def stage() -> Iterator[Inside]:
    """A host with one link `near`, whose other end `far` stays in the same namespace."""
    namespace = Namespace(f"halod-gate-{os.getpid()}")
    namespace.create()
    inside = Inside(namespace)
    try:
        namespace.ip("link", "add", "near", "type", "veth", "peer", "far")
        for link in ("near", "far"):
            namespace.ip("link", "set", link, "up")
        for address in (f"{HERE}/24", f"{VIP}/24", f"{VIP6}/64"):
            nodad = ["nodad"] if ":" in address else []
            namespace.ip("address", "add", address, "dev", "near", *nodad)
        namespace.ip("neighbour", "add", PEER, "lladdr", "02:00:00:00:00:77", "dev", "near")
        yield inside
    finally:
        for one in inside.opened:
            one.close()
        namespace.delete()


class Far:
    """The other end of the link: every frame that comes out of it, and questions that go in."""

    def __init__(self, inside: Inside) -> None:
        def listen() -> socket.socket:
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
            sock.bind(("far", 3))
            return sock

        self.sock = inside.open(listen)
        self.hardware_address: bytes = self.sock.getsockname()[4]

    def frames(self) -> list[bytes]:
        found: list[bytes] = []
        while True:
            try:
                frame, (_, _, kind, _, _) = self.sock.recvfrom(2048)
            except BlockingIOError:
                return found
            if kind != 4:
                found.append(frame)

    def is_answered(self, address: str, within_s: float = 1.0) -> bool:
        """Whether an ARP probe for the address is answered (RFC 5227, 2.1.1)."""
        self.frames()
        self.sock.send(arp.probe(self.hardware_address, IPv4Address(address)))

        def answered() -> bool:
            found = (arp.decode(frame) for frame in self.frames())
            return any(one is not None and str(one.sender) == address for one in found)

        return wait_until(answered, within_s)

    def hears_ipv6(self, inside: Inside, sock: socket.socket, address: str) -> bool:
        """Whether a datagram from the address comes through."""
        source = ip_address(address).packed
        self.frames()
        # To all nodes: no neighbour has to be known.
        try:
            sock.sendto(b"x", ("ff02::1", 9, 0, inside.index_of("near")))
        except PermissionError:
            return False  # netfilter tells the sender
        return wait_until(lambda: any(frame[22:38] == source for frame in self.frames()), 0.1)

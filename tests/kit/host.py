"""A host of a test: a network namespace of its own with one link, and the far end of its wire.

Knows namespaces, veth and packet sockets. Must not know what is tested on it.
"""

from __future__ import annotations

import json
import os
import select
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address
from itertools import count
from typing import Any, Protocol, TypeVar

from halod.lab.namespace import Namespace
from halod.lab.patience import wait_until
from halod.model.address import Link
from halod.wire.checksum import internet_checksum
from halod.wire.vrrp import GROUP_V4, PROTOCOL, TTL
from tests.kit.build import ETH, LB01, LB02

__all__ = ["FAR", "Frame", "Host", "WireEnd", "ip_packet", "make_host"]

FAR = "far"
"""The other end of the wire; it stays in the same namespace and has no address."""
GROUP_HARDWARE_ADDRESS = bytes.fromhex("01005e000012")
"""Of 224.0.0.18 on Ethernet (RFC 1112, 6.4)."""
PEER_HARDWARE_ADDRESS = bytes.fromhex("020000000131")
CARRIER_WITHIN_S = 5.0
"""Far more than the kernel takes."""
_ETHERTYPE_ALL = 3
_OUTGOING = 4

_serial = count(1)


class Closable(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=Closable)
T = TypeVar("T")


@dataclass(frozen=True)
class Frame:
    """An Ethernet frame that came out of the wire."""

    data: bytes

    @property
    def ethertype(self) -> int:
        return int.from_bytes(self.data[12:14], "big")

    @property
    def ip_header(self) -> bytes:
        return self.data[14 : 14 + (self.data[14] & 15) * 4]

    @property
    def ip_payload(self) -> bytes:
        length = int.from_bytes(self.data[16:18], "big")
        return self.data[14 + len(self.ip_header) : 14 + length]

    @property
    def is_vrrp(self) -> bool:
        return self.ethertype == 0x0800 and self.data[23] == PROTOCOL


class WireEnd:
    """The far end: what the host sends comes out of it, what is written here reaches the host."""

    def __init__(self, interface: str = FAR) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind((interface, _ETHERTYPE_ALL))

    def close(self) -> None:
        self._socket.close()

    def fileno(self) -> int:
        return self._socket.fileno()

    def frames(self) -> list[Frame]:
        """What came since the last call."""
        found: list[Frame] = []
        while True:
            try:
                data, (_, _, kind, _, _) = self._socket.recvfrom(4096)
            except BlockingIOError:
                return found
            if kind != _OUTGOING:
                found.append(Frame(data))

    def wait(self, wanted: Callable[[Frame], bool], within_s: float = 5.0) -> Frame:
        """The first frame of a kind; those before it are gone."""
        found = wait_until(lambda: [f for f in self.frames() if wanted(f)], within_s, 0.002)
        assert found, f"no such frame within {within_s} s"
        return found[0]

    def send(self, packet: bytes, hardware_address: bytes = GROUP_HARDWARE_ADDRESS) -> None:
        """An IP packet to the host."""
        self._socket.send(hardware_address + PEER_HARDWARE_ADDRESS + b"\x08\x00" + packet)


def ip_packet(
    payload: bytes,
    source: IPv4Address = LB02,
    destination: IPv4Address = GROUP_V4,
    ttl: int = TTL,
    options: bytes = b"",
    identification: int = 1,
    protocol: int = PROTOCOL,
) -> bytes:
    """An IPv4 packet (RFC 791)."""
    words = 5 + len(options) // 4
    length = words * 4 + len(payload)

    def header(checksum: int) -> bytes:
        fields = (0x40 | words, 0xC0, length, identification, 0, ttl, protocol, checksum)
        return struct.pack("!BBHHHBBH", *fields) + source.packed + destination.packed + options

    return header(internet_checksum(header(0))) + payload


class Host:
    """One namespace with the link `ens33`, 192.168.178.130/24."""

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace
        self._opened: list[Closable] = []

    def call(self, function: Callable[[], T]) -> T:
        """Calls inside the namespace: sockets that it opens belong there."""
        return self.namespace.call(function)

    def open(self, make: Callable[[], C]) -> C:
        """The same, and what was made is closed when the test is over."""
        made = self.call(make)
        self._opened.append(made)
        return made

    def close(self) -> None:
        for one in reversed(self._opened):
            one.close()

    def ip(self, *arguments: str) -> str:
        return self.namespace.ip(*arguments)

    def index(self, interface: str = ETH) -> int:
        """Number of an interface."""
        return self.call(lambda: socket.if_nametoindex(interface))

    def link(self, interface: str = ETH, addresses: Sequence[IPv4Address] = (LB01,)) -> Link:
        """An interface as the monitor would tell it."""
        shown = json.loads(self.ip("-j", "link", "show", interface))[0]
        hardware = bytes.fromhex(shown["address"].replace(":", ""))
        return Link(interface, shown["ifindex"], True, hardware, tuple(addresses))

    def is_running(self) -> bool:
        """Whether both ends of the wire run: the kernel looks for a carrier a little later."""
        shown = json.loads(self.ip("-j", "link", "show", "type", "veth"))
        return not any("NO-CARRIER" in link["flags"] for link in shown)

    def addresses(self, interface: str = ETH) -> dict[str, dict[str, Any]]:
        """IPv4 addresses of an interface as `ip -j` shows them, by address."""
        shown = json.loads(self.ip("-j", "-4", "address", "show", "dev", interface))
        return {entry["local"]: entry for link in shown for entry in link.get("addr_info", [])}

    def wait_for_address(self, address: str, *, there: bool = True, within_s: float = 5.0) -> None:
        """Until an address stands on the link, or stands no more."""
        found = wait_until(lambda: (address in self.addresses()) is there, within_s)
        assert found, f"{address} {'never came' if there else 'stayed'} for {within_s} s"


@contextmanager
def make_host() -> Iterator[Host]:
    """A host for one test; nothing of it is left."""
    namespace = Namespace(f"halod-test-{os.getpid()}-{next(_serial)}")
    namespace.create()
    host = Host(namespace)
    try:
        # No link-local addresses by themselves: they come when they like, between other news.
        generation = "/proc/sys/net/ipv6/conf/default/addr_gen_mode"
        namespace.run("sh", "-c", f"echo 1 > {generation}")
        namespace.ip("link", "add", ETH, "type", "veth", "peer", FAR)
        namespace.ip("address", "add", f"{LB01}/24", "brd", "+", "dev", ETH)
        for link in (ETH, FAR):
            namespace.ip("link", "set", link, "up")
        assert wait_until(host.is_running, CARRIER_WITHIN_S), "the wire never had a carrier"
        yield host
    finally:
        host.close()
        namespace.delete()


def wait_readable(descriptor: int, within_s: float) -> bool:
    """Whether there is something to read in time."""
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    return bool(poller.poll(within_s * 1000))

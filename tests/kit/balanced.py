"""The stage of a balanced service: a client, a director, and three servers that answer with their
names.

    NAT  client ── front [director] back ── s1, s2, s3     the director is the servers' gateway
    DR   client ── lan [director] ── s1, s2, s3            one network; the VIP on lo of the servers

Knows namespaces. Must not know which engine balances.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import count
from pathlib import Path

from halod.lab.namespace import Namespace
from halod.lab.patience import wait_until
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.virtual_server import Method

__all__ = ["PORT", "SERVERS", "VIP4", "VIP6", "Connection", "Stage", "ask", "make_stage", "spread"]
__all__ += ["ask_datagram"]

VIP4, VIP6 = "10.1.0.100", "fd01::100"
PORT = 80
SERVERS = ("s1", "s2", "s3")
TIMEOUT_S = 5.0
"""Far more than an answer takes; one that does not come is a failure."""
_PROGRAM = Path(__file__).with_name("named_server.py")
_serial = count(1)


@dataclass
class Stage:
    method: Method
    client: Namespace
    director: Namespace
    servers: dict[str, Namespace]
    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def address(self, name: str, family: int = 4) -> str:
        number = SERVERS.index(name) + 11
        net = 1 if self.method is Method.DR else 2
        return f"10.{net}.0.{number}" if family == 4 else f"fd0{net}::{number}"

    def endpoint(self, name: str, family: int = 4, port: int = PORT) -> Endpoint:
        return Endpoint(ip_address(self.address(name, family)), port)

    def start(self, name: str) -> None:
        command = [*self.servers[name].prefix, sys.executable, str(_PROGRAM), name]
        ports = (str(PORT), "8080", "53")
        process = subprocess.Popen([*command, *ports], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        self.processes[name] = process

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()

    def close(self) -> None:
        for name in tuple(self.processes):
            self.kill(name)
        for one in (self.client, self.director, *self.servers.values()):
            one.delete()


def key(family: int = 4, protocol: Protocol = Protocol.TCP, port: int = PORT) -> ServiceKey:
    vip = ip_address(VIP4 if family == 4 else VIP6)
    return ServiceKey(family, protocol, Endpoint(vip, port))


class Connection:
    """One that is kept alive, opened in the namespace of the thread that makes it."""

    def __init__(self, vip: str = VIP4, port: int = PORT, source: str = "") -> None:
        source_address = (source, 0) if source else None
        self._socket = socket.create_connection((vip, port), TIMEOUT_S, source_address)

    def ask(self) -> str:
        """Name of the server that answers; OSError."""
        self._socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        read = b""
        while b"\r\n\r\n" not in read or not read.partition(b"\r\n\r\n")[2]:
            part = self._socket.recv(4096)
            if not part:
                raise ConnectionResetError("the connection ended")
            read += part
        assert read.startswith(b"HTTP/1.1 200 OK\r\n")
        return read.partition(b"\r\n\r\n")[2].decode()

    def close(self) -> None:
        self._socket.close()


def ask(vip: str = VIP4, port: int = PORT, source: str = "") -> str:
    """On a connection of its own."""
    connection = Connection(vip, port, source)
    try:
        return connection.ask()
    finally:
        connection.close()


def ask_datagram(speaker: socket.socket, vip: str, port: int) -> str:
    speaker.settimeout(TIMEOUT_S)
    speaker.sendto(b"?", (vip, port))
    return speaker.recv(2048).decode()


def spread(client: Namespace, number: int, vip: str = VIP4, port: int = PORT) -> Counter[str]:
    """Who answers so many connections."""
    return client.call(lambda: Counter(ask(vip, port) for _ in range(number)))


@contextmanager
def make_stage(method: Method) -> Iterator[Stage]:
    prefix = f"halod-lvs-{os.getpid()}-{next(_serial)}"
    names = ("client", "director", *SERVERS)
    spaces = {name: Namespace(f"{prefix}-{name}") for name in names}
    stage = Stage(
        method, spaces["client"], spaces["director"], {name: spaces[name] for name in SERVERS}
    )
    try:
        for space in spaces.values():
            space.create()
        _wire(stage)
        for name in SERVERS:
            stage.start(name)
        _wait_for_links(stage)
        yield stage
    finally:
        stage.close()


def _wire(stage: Stage) -> None:
    """Bridges on the director, each with its hosts."""
    is_direct = stage.method is Method.DR
    front, back = ("lan", "lan") if is_direct else ("front", "back")
    for bridge in {front, back}:
        stage.director.ip("link", "add", bridge, "type", "bridge", "forward_delay", "0")
        stage.director.ip("link", "set", bridge, "up")
    for number, (host, bridge) in enumerate(
        [(stage.client, front), *((server, back) for server in stage.servers.values())]
    ):
        port = f"port{number}"
        stage.director.ip("link", "add", port, "type", "veth", "peer", "eth0", "netns", host.name)
        stage.director.ip("link", "set", port, "master", bridge, "up")
        host.ip("link", "set", "eth0", "up")
    for name, server in stage.servers.items():
        _address(server, "eth0", f"{stage.address(name)}/24", f"{stage.address(name, 6)}/64")
        if is_direct:
            for setting, value in (("arp_ignore", "1"), ("arp_announce", "2")):
                for link in ("all", "eth0"):
                    server.set_kernel_value(f"net/ipv4/conf/{link}/{setting}", value)
            _address(server, "lo", f"{VIP4}/32", f"{VIP6}/128")
    _address(stage.client, "eth0", "10.1.0.2/24", "fd01::2/64", "10.1.0.3/24", "10.1.0.130/24")
    _address(stage.director, front, "10.1.0.1/24", "fd01::1/64", f"{VIP4}/32", f"{VIP6}/128")
    if not is_direct:
        _address(stage.director, back, "10.2.0.1/24", "fd02::1/64")
        for server in stage.servers.values():
            server.ip("route", "add", "default", "via", "10.2.0.1")
            server.ip("-6", "route", "add", "default", "via", "fd02::1")
    for setting in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
        stage.director.set_kernel_value(f"net/{setting}", "1")


def _address(host: Namespace, link: str, *addresses: str) -> None:
    for address in addresses:
        host.ip("address", "add", address, "dev", link, *(["nodad"] if ":" in address else []))


def _wait_for_links(stage: Stage) -> None:
    """Until every server answers the director."""
    for name in SERVERS:
        for family in (4, 6):
            address = stage.address(name, family)
            # Not from the VIP, which is the server's own, too.
            source = str(ip_address(int(ip_address(address)) // 256 * 256 + 1))

            def reach(address: str = address, source: str = source) -> bool:
                try:
                    return stage.director.call(lambda: bool(ask(address, source=source)))
                except OSError:
                    return False

            assert wait_until(reach, TIMEOUT_S), f"{name} never answered at {address}"

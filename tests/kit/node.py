"""A halod that runs: one daemon in a network namespace of its own, with a wire to listen at.

Knows how it is started, asked, signalled and ended. Must not know what a test expects of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import IPv4Address
from itertools import count
from pathlib import Path
from typing import Any

from halod.lab.namespace import Namespace
from halod.lab.patience import wait_until
from halod.lab.process import ProcessId
from halod.wire import arp
from halod.wire.checksum import internet_checksum

__all__ = ["FAR", "NEAR", "SECRET", "VIP", "Node", "config", "make_node"]

NEAR, FAR = "near", "far"
"""Both ends of a wire; both stay in the namespace, and only the near one has an address."""
HERE, PEER, VIP = "192.0.2.1", "192.0.2.77", "192.0.2.9"
_GROUP = IPv4Address("224.0.0.18")
_GROUP_MAC, _PEER_MAC = bytes.fromhex("01005e000012"), bytes.fromhex("020000000077")
SECRET = "s3cr3t-p"
START_S = 60.0
"""Until a daemon listens; 0.2 s on an idle machine, and more than 20 s beside benchmarks."""
_PROGRAMS = Path(sys.executable).parent
_VRRP, _OUTGOING, _ETHERTYPE_ALL = 112, 4, 3
_serial = count(1)


def config(
    name: str = "VI_1", *, priority: int = 255, vrid: int = 51, vip: str = VIP, more: str = ""
) -> str:
    """One instance. Priority 255 is MASTER at once, any other after 3 s."""
    return f"""vrrp_instance {name} {{
    interface {NEAR}
    virtual_router_id {vrid}
    priority {priority}
    advert_int 1
    authentication {{
        auth_type PASS
        auth_pass {SECRET}
    }}
    virtual_ipaddress {{
        {vip}/24
    }}
    {more}
}}
"""


class Node:
    """A host with one halod on it."""

    def __init__(self, namespace: Namespace, folder: Path) -> None:
        self.namespace = namespace
        self.folder = folder
        self.config_file = folder / "keepalived.conf"
        self.run_dir = folder / "run"
        self.log_file = folder / "log"
        self.program: tuple[str, ...] = (str(_PROGRAMS / "halod"),)
        """What `halod` is."""
        self.environment: dict[str, str] | None = None
        """Of the daemon; None: that of the test."""
        self._started: list[subprocess.Popen[bytes]] = []
        self._wire = namespace.call(_listen)
        self.config_file.write_text(config())

    # ---- the daemon ------------------------------------------------------------------------

    def start(self, *options: str, ready: bool = True, prefix: Sequence[str] = ()) -> None:
        """In the foreground, with its log in `log_file`; waits until it listens."""
        with self.log_file.open("ab") as log:
            self._started.append(
                subprocess.Popen(
                    [*self.namespace.prefix, *prefix, *self.command(*options)],
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    cwd=self.folder,
                    env=self.environment,
                )
            )
        if ready:
            self.wait_log("ready: ", START_S)

    def command(self, *options: str) -> list[str]:
        """The command line that `start` gives."""
        file = ["-f", str(self.config_file)]
        return [*self.program, "-n", "-l", *file, *self._where, *options]

    @property
    def _where(self) -> list[str]:
        return ["--run-dir", str(self.run_dir)]

    haloctl_command = (str(_PROGRAMS / "haloctl"),)

    def haloctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs `haloctl` on this host, for this run directory."""
        return subprocess.run(
            self.haloctl_argv(*arguments),
            capture_output=True,
            text=True,
            timeout=90,
        )

    def haloctl_argv(self, *arguments: str) -> list[str]:
        """The command line of that."""
        return [*self.namespace.prefix, *self.haloctl_command, *arguments, *self._where]

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The supervisor that was started last."""
        return self._started[-1]

    @property
    def heartbeat(self) -> ProcessId:
        """The heartbeat process that lives now."""
        pid = self.status()["heartbeat_pid"]
        found = ProcessId.of(pid) if pid else None
        assert found is not None, "no heartbeat process"
        return found

    def stop(self, within_s: float = 10.0) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within_s)

    def end(self) -> None:
        """Whatever still runs on this host ends now."""
        for process in self.namespace.members():
            process.send(signal.SIGKILL)
        for started in self._started:
            started.wait()
        self._wire.close()

    # ---- what it says ----------------------------------------------------------------------

    def log(self) -> str:
        """Everything that it wrote."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def wait_log(self, text: str, within_s: float = 10.0, *, times: int = 1) -> None:
        """Until the log has this text that often."""
        found = wait_until(lambda: self.log().count(text) >= times, within_s)
        assert found, f"never logged: {text!r}, but\n{self.log()}"

    def ask(self, request: bytes, within_s: float = 10.0) -> bytes:
        """The answer to raw bytes on the control socket."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(within_s)
            connection.connect(str(self.run_dir / "control.sock"))
            with contextlib.suppress(BrokenPipeError):
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def status(self) -> dict[str, Any]:
        """The daemon's whole answer."""
        answer: dict[str, Any] = json.loads(self.ask(b'{"command": "status"}\n'))
        return answer

    def state(self, number: int = 0) -> str:
        """State of an instance; empty before the first view."""
        instances = self.status()["instances"]
        return str(instances[number]["state"]) if instances else ""

    def wait_state(self, wanted: str, within_s: float = 10.0) -> None:
        """Until the first instance is in that state."""
        assert wait_until(lambda: self.state() == wanted, within_s), self.log()

    # ---- what others see -------------------------------------------------------------------

    def addresses(self, interface: str = NEAR) -> set[str]:
        """IPv4 addresses of an interface."""
        shown = json.loads(self.namespace.ip("-j", "-4", "address", "show", "dev", interface))
        return {entry["local"] for link in shown for entry in link.get("addr_info", [])}

    def wait_address(self, address: str = VIP, *, there: bool = True, within_s: float = 10) -> None:
        """Until an address stands, or stands no more."""
        found = wait_until(lambda: (address in self.addresses()) is there, within_s)
        assert found, f"{address} {'never came' if there else 'stayed'}\n{self.log()}"

    def adverts(self) -> list[tuple[int, int]]:
        """(VRID, priority) of the adverts that went out since the last call."""
        found: list[tuple[int, int]] = []
        while True:
            try:
                frame, (_, _, kind, _, _) = self._wire.recvfrom(4096)
            except BlockingIOError:
                return found
            if kind != _OUTGOING and frame[12:14] == b"\x08\x00" and frame[23] == _VRRP:
                found.append((frame[35], frame[36]))

    def send_advert(self, payload: bytes, source: str = PEER) -> None:
        """An IP packet of protocol 112 with this payload, to the group, from another router."""
        packet = _ip_packet(IPv4Address(source), payload)
        self._wire.send(_GROUP_MAC + _PEER_MAC + b"\x08\x00" + packet)

    def is_answered(self, address: str = VIP, within_s: float = 1.0) -> bool:
        """Whether an ARP probe for the address is answered (RFC 5227, 2.1.1)."""
        probe = arp.probe(_PEER_MAC, IPv4Address(address))

        def answered() -> bool:
            self._wire.send(probe)
            return wait_until(lambda: address in self._answers(), min(within_s, 0.2), 0.005)

        return wait_until(answered, within_s)

    def _answers(self) -> set[str]:
        """Addresses that ARP replies have told of since the last look."""
        found: set[str] = set()
        while True:
            try:
                frame, (_, _, kind, _, _) = self._wire.recvfrom(4096)
            except BlockingIOError:
                return found
            said = arp.decode(frame)
            if kind != _OUTGOING and said is not None and said.operation == 2:
                found.add(str(said.sender))

    def filters(self) -> int:
        """How many of halod's filters hang on the near end, of both directions together."""
        ways = ("ingress", "egress")
        shown = [self.namespace.run("tc", "filter", "show", "dev", NEAR, way) for way in ways]
        return sum(text.count(" halod:") for text in shown)

    def received(self) -> int:
        """Adverts that counted for the first instance."""
        return int(self.status()["instances"][0]["adverts_received"])

    def dropped(self) -> int:
        """Adverts that did not, for whatever reason."""
        return sum(self.status()["instances"][0]["adverts_dropped"].values())


def _ip_packet(source: IPv4Address, payload: bytes) -> bytes:
    """RFC 791, with TTL 255."""
    fields = (0x45, 0xC0, 20 + len(payload), 1, 0, 255, _VRRP)

    def header(checksum: int) -> bytes:
        ends = source.packed + _GROUP.packed
        return struct.pack("!BBHHHBBH", *fields, checksum) + ends

    return header(internet_checksum(header(0))) + payload


def _listen() -> socket.socket:
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
    wire.bind((FAR, _ETHERTYPE_ALL))
    return wire


@contextmanager
def make_node() -> Iterator[Node]:
    """A host for one test; nothing of it is left."""
    namespace = Namespace(f"halod-node-{os.getpid()}-{next(_serial)}")
    namespace.create()
    # A path of a Unix socket has 107 bytes: pytest's own folders are too deep.
    folder = Path(tempfile.mkdtemp(prefix="halod-node-"))
    try:
        namespace.ip("link", "add", NEAR, "type", "veth", "peer", FAR)
        namespace.ip("address", "add", f"{HERE}/24", "dev", NEAR)
        for link in (NEAR, FAR):
            namespace.ip("link", "set", link, "up")
        node = Node(namespace, folder)
        try:
            yield node
        finally:
            node.end()
    finally:
        namespace.delete()
        shutil.rmtree(folder)

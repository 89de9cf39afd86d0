"""A director with web servers behind it and a client before it, each in a namespace of its own.

Knows how they are wired, and how one asks through the VIP. Must not know what a test expects.

    client 10.78.0.50 -- front 10.78.0.1 director br0 10.77.0.1 -- 10.77.0.11 and so on, web servers
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from typing import Any

from halod.lab.namespace import Namespace
from halod.lab.patience import wait_until
from tests.kit.node import START_S, Node, config, make_node

__all__ = ["SERVICE", "VIP", "Director", "Load", "Request", "Web", "make_director"]

VIP = "192.0.2.9"
SERVICE = f"{VIP} 80 tcp"
CLIENT, FRONT = "10.78.0.50", "front"
WITHIN_S = 40.0
"""Far more than any check here takes, for a machine that has much to do."""
_SCRIPT = Path(__file__).with_name("web_server.py")
_serial = count(1)


class Web:
    """One web server."""

    def __init__(self, name: str, number: int, namespace: Namespace, folder: Path) -> None:
        self.name = name
        self.address = f"10.77.0.{10 + number}"
        self.namespace = namespace
        self._status = folder / f"{name}.status"
        self._process: subprocess.Popen[bytes] | None = None
        self.answer(200)

    def answer(self, status: int) -> None:
        """From now on it answers with that."""
        self._status.write_text(str(status))

    def start(self) -> None:
        """Waits until it listens."""
        command = [sys.executable, str(_SCRIPT), self.name, str(self._status), "80"]
        self._process = subprocess.Popen(
            [*self.namespace.prefix, *command],
            # Clients that go away are no matter of the test.
            stderr=subprocess.DEVNULL,
        )
        assert wait_until(self._listens, WITHIN_S), f"{self.name} does not listen"

    def kill(self) -> None:
        """SIGKILL; it is gone when this returns."""
        self.end()

    def end(self) -> None:
        """Whatever it is."""
        for process in self.namespace.members():
            process.send(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def _listens(self) -> bool:
        return ":80 " in self.namespace.run("ss", "-Hltn") + " "


@dataclass(frozen=True)
class Request:
    """One request through the VIP."""

    began_s: float
    """time.monotonic()."""
    took_s: float
    server: str
    """Who answered; empty: nobody did."""
    error: str


@dataclass
class Load:
    """Requests one after another, each on a connection of its own, until the block ends."""

    requests: list[Request] = field(default_factory=list)

    def since(self, began_s: float) -> list[Request]:
        return [each for each in self.requests if each.began_s >= began_s]

    def servers_since(self, began_s: float) -> set[str]:
        return {each.server for each in self.since(began_s) if not each.error}


class Director(Node):
    """A node whose file has a virtual server."""

    webs: tuple[Web, ...] = ()
    client: Namespace

    def write(
        self,
        *,
        server: str = "",
        real: Callable[[Web], str] | str = "",
        check: str = "TCP_CHECK {\n connect_timeout 1\n retry 1\n delay_before_retry 0.1\n}",
        before: str = "",
        webs: tuple[Web, ...] | None = None,
        vrrp: bool = True,
    ) -> None:
        """The file: VI_1 as owner of the VIP, and one service over NAT with all web servers."""
        blocks = ""
        for web in self.webs if webs is None else webs:
            own = real(web) if callable(real) else real
            blocks += f"real_server {web.address} 80 {{\n weight 1\n {own}\n {check}\n}}\n"
        instance = config(vip=VIP) if vrrp else ""
        self.config_file.write_text(
            f"{before}\n{instance}\nvirtual_server {VIP} 80 {{\n delay_loop 0.3\n lb_algo rr\n"
            f" lb_kind NAT\n protocol TCP\n {server}\n{blocks}}}\n"
        )

    # ---- looking ---------------------------------------------------------------------------

    def service(self, number: int = 0) -> dict[str, Any]:
        """One virtual server, as status shows it."""
        servers = self.status()["virtual_servers"]
        return dict(servers[number]) if len(servers) > number else {}

    def server(self, web: Web) -> dict[str, Any]:
        """One real server, as status shows it."""
        reals = self.service().get("real_servers", [])
        found = [each for each in reals if each["address"] == f"[{web.address}]:80"]
        return dict(found[0]) if found else {}

    def wait_server(self, web: Web, within_s: float = WITHIN_S, **wanted: object) -> None:
        """Until status shows this of a real server."""

        def is_so() -> bool:
            shown = self.server(web)
            return bool(shown) and all(shown[name] == value for name, value in wanted.items())

        assert wait_until(is_so, within_s), f"{self.server(web)}\n{self.log()}"

    def wait_up(self, *but: Web) -> None:
        """Until every web server was checked and serves, but for those."""
        assert wait_until(self.answers_at_all, START_S), self.log()
        for web in self.webs:
            if web not in but:
                self.wait_server(web, state="UP", weight_effective=1)

    def answers_at_all(self) -> bool:
        """Whether the supervisor does: also one that has no VRRP, and so never says ready."""
        try:
            return bool(self.status())
        except OSError:
            return False

    def child(self, name: str) -> int:
        """Process id of a child; 0: there is none."""
        return int(self.status()[f"{name}_pid"] or 0)

    # ---- asking ----------------------------------------------------------------------------

    def get(self, timeout_s: float = 2.0) -> Request:
        """One request through the VIP."""
        return self.client.call(lambda: _get(timeout_s))

    @contextmanager
    def load(self, every_s: float = 0.005) -> Iterator[Load]:
        """A client that asks as long as the block runs; the last request has ended after it."""
        load, over = Load(), threading.Event()

        def ask() -> None:
            while not over.wait(every_s):
                load.requests.append(_get(2.0))

        thread = threading.Thread(target=lambda: self.client.call(ask))
        thread.start()
        try:
            assert wait_until(lambda: bool(load.requests), WITHIN_S)
            yield load
        finally:
            over.set()
            thread.join()


def _get(timeout_s: float) -> Request:
    began_s = time.monotonic()
    server = error = ""
    connection = HTTPConnection(VIP, 80, timeout=timeout_s)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        text = answer.read().decode().strip()
        server, error = text, "" if answer.status == 200 else f"status {answer.status}"
    except (OSError, HTTPException) as failure:
        error = f"{type(failure).__name__}: {failure}"
    finally:
        connection.close()
    return Request(began_s, time.monotonic() - began_s, server, error)


@contextmanager
def make_director(count_of_webs: int = 3) -> Iterator[Director]:
    """Wired, with the web servers running; the daemon is not started."""
    with make_node() as node:
        made: list[Namespace] = []
        serial = next(_serial)

        def make(name: str) -> Namespace:
            space = Namespace(f"{node.namespace.name}-{serial}-{name}")
            space.create()
            made.append(space)
            return space

        director = Director.__new__(Director)
        director.__dict__.update(node.__dict__)
        space = director.namespace
        try:
            director.client = make("client")
            _join_client(space, director.client)
            space.ip("link", "add", "name", "br0", "type", "bridge", "forward_delay", "0")
            space.ip("address", "add", "10.77.0.1/24", "dev", "br0")
            space.ip("link", "set", "br0", "up")
            space.set_kernel_value("net/ipv4/ip_forward", "1")
            for number in range(1, count_of_webs + 1):
                web = Web(f"web{number:02}", number, make(f"w{number}"), node.folder)
                _join_web(space, web)
                director.webs = (*director.webs, web)
                web.start()
            director.write()
            yield director
        finally:
            for web in director.webs:
                web.end()
            for each in made:
                each.delete()


def _join_client(director: Namespace, client: Namespace) -> None:
    """On a link of its own: the director is its way to the VIP."""
    director.ip("link", "add", FRONT, "type", "veth", "peer", "eth0", "netns", client.name)
    director.ip("address", "add", "10.78.0.1/24", "dev", FRONT)
    director.ip("link", "set", FRONT, "up")
    client.ip("address", "add", f"{CLIENT}/24", "dev", "eth0")
    client.ip("link", "set", "eth0", "up")
    client.ip("route", "add", "default", "via", "10.78.0.1")


def _join_web(director: Namespace, web: Web) -> None:
    port, space = f"to{web.name}", web.namespace
    director.ip("link", "add", port, "type", "veth", "peer", "eth0", "netns", space.name)
    director.ip("link", "set", port, "master", "br0")
    director.ip("link", "set", port, "up")
    space.ip("address", "add", f"{web.address}/24", "dev", "eth0")
    space.ip("link", "set", "eth0", "up")
    space.ip("route", "add", "default", "via", "10.77.0.1")

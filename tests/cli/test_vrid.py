"""`haloctl vrid` on a link of its own, with senders that are really there."""

import os
import select
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from halod.lab.tutorial_files import tutorial_text
from tests.kit.build import ETH, LB02, LB03, PLAIN, instance, received
from tests.kit.host import WireEnd, ip_packet, make_host
from tests.kit.node import NEAR, Node

pytestmark = pytest.mark.needs_netns

CONFIG = tutorial_text("lb01/keepalived.conf")
SEND_EVERY_S = 0.1
"""Adverts go out all the time: the command listens whenever it is ready."""


class Link:
    """A link on which somebody sends, until it is closed."""

    def __init__(self, run: Callable[..., subprocess.CompletedProcess[str]], wire: WireEnd) -> None:
        self.vrid = run
        self._wire = wire
        self._stop, self._stopped = os.pipe()
        self._packets: list[bytes] = []
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def sends(self, *packets: bytes) -> None:
        self._packets = list(packets)

    def _send(self) -> None:
        while not select.select([self._stop], [], [], SEND_EVERY_S)[0]:
            for packet in self._packets:
                self._wire.send(packet)

    def close(self) -> None:
        os.close(self._stopped)
        self._thread.join()
        os.close(self._stop)


@pytest.fixture
def link(tmp_path: Path) -> Iterator[Link]:
    file = tmp_path / "keepalived.conf"
    file.write_text(CONFIG)
    with make_host() as host:

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [*host.namespace.prefix, *Node.haloctl_command, "vrid", *arguments],
                capture_output=True,
                text=True,
                timeout=90,
            )

        made = Link(
            lambda *a: run(*(a or (ETH, "-f", str(file), "--for", "1"))), host.open(WireEnd)
        )
        yield made
        made.close()


def test_a_peer_and_another_cluster_are_told_apart(link: Link) -> None:
    link.sends(
        ip_packet(received(PLAIN).payload, LB02),
        ip_packet(received(instance(virtual_router_id=7), LB03).payload, LB03),
    )
    result = link.vrid()
    assert result.returncode == 0, result.stderr
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[1][:3] == ["7", "2", "100"]
    assert rows[2] == [
        *("51", "2", "100", "1", "s", str(LB02), "192.168.178.3", "VI_1:", "a", "peer")
    ]


def test_a_collision_is_told_by_the_exit_status(link: Link) -> None:
    link.sends(ip_packet(received(instance(password=None)).payload, LB02))
    result = link.vrid()
    assert result.returncode == 1
    assert "collides with VI_1: authentication" in result.stdout
    assert "1111" not in result.stdout
    assert result.stdout.endswith(
        "free on this link, as far as was heard: 52; all nodes of a cluster have the same\n"
    )


def test_a_silent_link(link: Link) -> None:
    result = link.vrid()
    assert result.returncode == 0
    assert result.stdout == (
        f"no VRRP advert was heard on {ETH} within 1 s\n"
        "VRID 51 (VI_1) was not heard: adverts come every 1 s, so listen longer, --for 3\n"
    )


def test_an_interface_that_is_not_there(link: Link) -> None:
    result = link.vrid("ens3")
    assert result.returncode == 1
    assert result.stderr == f"Error: there is no interface ens3: did you mean {ETH}?\n"


def test_own_adverts_are_this_machines(node: Node) -> None:
    node.start()
    node.wait_address()
    result = subprocess.run(
        [*node.namespace.prefix, *node.haloctl_command, "vrid", NEAR, "-f", str(node.config_file)],
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert ": this machine" in result.stdout
    assert result.returncode == 0

"""Two daemons for one virtual router in one namespace: the second one stays out, and says why."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator

import pytest

from halod.lab.patience import wait_until
from tests.capabilities import find_program
from tests.kit.node import NEAR, VIP, Node, config

pytestmark = pytest.mark.needs_netns

BOTH = config() + config("VI_2", vrid=52, vip="192.0.2.10")


def test_a_reload_takes_no_virtual_router_from_another_halod(node: Node) -> None:
    node.start()
    first = node.process
    other = node.folder / "other.conf"
    other.write_text(config("VI_2", priority=100, vrid=52, vip="192.0.2.10"))
    node.start("-f", str(other), "--run-dir", str(node.folder / "other"), ready=False)
    second = node.process
    node.wait_log("ready: ", 60, times=2)
    node.config_file.write_text(BOTH)
    first.send_signal(signal.SIGHUP)
    node.wait_log(
        "reload refused, what ran before runs on unchanged: "
        f"halod (pid {second.pid}) already runs VRID 52 on {NEAR}: stop it first"
    )
    assert VIP in node.addresses()
    second.send_signal(signal.SIGTERM)
    assert second.wait(10) == 0
    first.send_signal(signal.SIGHUP)
    node.wait_log("configuration reloaded")
    node.wait_address("192.0.2.10")


def test_a_virtual_router_that_was_given_up_may_run_elsewhere(node: Node) -> None:
    node.config_file.write_text(BOTH)
    node.start()
    node.config_file.write_text(config())
    node.process.send_signal(signal.SIGHUP)
    node.wait_log("configuration reloaded")
    other = node.folder / "other.conf"
    other.write_text(config("VI_2", vrid=52, vip="192.0.2.10"))
    node.start("-f", str(other), "--run-dir", str(node.folder / "other"), ready=False)
    node.wait_log("ready: ", 60, times=2)
    node.wait_address("192.0.2.10")


@pytest.fixture
def keepalived(node: Node) -> Iterator[subprocess.Popen[bytes]]:
    """A stock keepalived for VRID 51 on this host."""
    program = find_program("keepalived")
    assert program is not None
    file = node.folder / "theirs.conf"
    file.write_text(config(priority=100))
    pids = [word for option in "prcb" for word in (f"-{option}", str(node.folder / option))]
    running = subprocess.Popen(
        [*node.namespace.prefix, program, "-n", "-l", "-f", str(file), *pids],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert wait_until(lambda: len(node.namespace.members()) >= 2, 10)
    yield running
    running.terminate()
    running.wait(10)


@pytest.mark.needs_keepalived
def test_it_does_not_start_beside_keepalived_for_the_same_router(
    node: Node, keepalived: subprocess.Popen[bytes]
) -> None:
    node.start(ready=False)
    assert node.process.wait(20) == 1
    assert (
        f"keepalived (pid {keepalived.pid}, {node.folder}/theirs.conf) already runs "
        f"VRID 51 on {NEAR}: stop it first (systemctl stop keepalived)"
    ) in node.log()
    assert keepalived.poll() is None, "nobody is ended"


@pytest.mark.needs_keepalived
def test_it_starts_beside_keepalived_for_another_router(
    node: Node, keepalived: subprocess.Popen[bytes]
) -> None:
    node.config_file.write_text(config(vrid=77, vip="192.0.2.10"))
    node.start()
    node.wait_address("192.0.2.10")
    assert keepalived.poll() is None

"""`net_namespace`: started in one namespace, at work in another."""

from __future__ import annotations

import os
import signal

import pytest

from halod.lab.process import ProcessId
from tests.kit.node import VIP, Node, config

pytestmark = pytest.mark.needs_netns


def test_it_works_in_the_namespace_of_the_file_and_a_reload_cannot_leave_it(node: Node) -> None:
    outside = ("nsenter", f"--net=/proc/{os.getpid()}/ns/net")
    here = f"net_namespace {node.namespace.name}\n"
    node.config_file.write_text(here + config())
    node.start(prefix=outside)
    node.wait_address(VIP)
    daemon = ProcessId.of(node.process.pid)
    assert daemon is not None
    assert node.namespace.has(daemon)
    assert (node.run_dir / "net_namespace").read_text() == f"{node.namespace.name}\n"
    node.config_file.write_text(config())
    node.process.send_signal(signal.SIGHUP)
    node.wait_log("net_namespace was " + node.namespace.name + " and is now not set")
    assert VIP in node.addresses()
    assert node.stop() == 0


def test_the_command_line_overrides_it(node: Node) -> None:
    outside = ("nsenter", f"--net=/proc/{os.getpid()}/ns/net")
    node.config_file.write_text("net_namespace no-such\n" + config())
    node.start("-D", "-s", node.namespace.name, prefix=outside)
    node.wait_address(VIP)
    assert f"net_namespace no-such has no effect: -s says {node.namespace.name}" in node.log()


def test_one_that_is_not_there_starts_nothing(node: Node) -> None:
    node.config_file.write_text("net_namespace no-such\n" + config())
    node.start(ready=False)
    assert node.process.wait(20) == 1
    assert "`ip netns add no-such` makes it" in node.log()

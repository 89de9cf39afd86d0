"""halod as the first process of a container."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from halod.lab.patience import wait_until
from tests.kit.node import START_S, VIP, Node, config

pytestmark = [pytest.mark.needs_netns]

PREFIX = ("unshare", "--fork", "--pid", "--mount-proc", "--kill-child")
LEFT_BEHIND = """#!/bin/sh
(/bin/sleep 0.2; echo over >> "$0.over") &
"""


def children_of(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def zombies_of(pid: int) -> list[int]:
    return [
        child
        for child in children_of(pid)
        if Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    ]


def test_what_scripts_leave_behind_is_no_zombie_and_its_own_children_are_seen(node: Node) -> None:
    script = node.folder / "leaves"
    script.write_text(LEFT_BEHIND)
    script.chmod(0o755)
    check = f'vrrp_script leaves {{\n script "{script}"\n interval 1\n user root\n}}\n'
    node.config_file.write_text(check + config(more="track_script {\n leaves\n}"))
    node.start(prefix=PREFIX)
    node.wait_address(VIP)
    (supervisor,) = children_of(node.process.pid)
    over = Path(f"{script}.over")
    assert wait_until(lambda: over.exists() and over.read_text().count("over") >= 3, START_S)
    assert wait_until(lambda: zombies_of(supervisor) == [], 10.0)
    heartbeat = node.status()["heartbeat_pid"]
    # Its numbers are those of the container: seen from here it is the child that sends adverts.
    assert heartbeat
    heartbeats = [
        pid
        for pid in children_of(supervisor)
        if f"NSpid:\t{pid}\t{heartbeat}\n" in Path(f"/proc/{pid}/status").read_text()
    ]
    assert len(heartbeats) == 1
    os.kill(heartbeats[0], signal.SIGKILL)
    node.wait_log("killed by SIGKILL")
    node.wait_log("Entering MASTER STATE (was INIT)", START_S, times=2)
    os.kill(supervisor, signal.SIGTERM)
    assert node.process.wait(20) == 0
    assert VIP not in node.addresses()

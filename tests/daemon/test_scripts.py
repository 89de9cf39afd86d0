"""Check scripts in a daemon that runs: what they report, and what outlives which death."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from halod.lab.patience import wait_until
from halod.lab.process import ProcessId
from tests.kit.node import VIP, Node, config

pytestmark = pytest.mark.needs_netns

SECURE = "global_defs {\n    enable_script_security\n    script_user root\n}\n"


def check(name: str, command: str, more: str = "") -> str:
    return f'vrrp_script {name} {{\n    script "{command}"\n    interval 1\n    {more}\n}}\n'


def tracked(*names: str) -> str:
    return "track_script {\n" + "\n".join(names) + "\n    }"


def by_file(node: Node) -> str:
    """A check that exits with the number in a file."""
    status = node.folder / "status"
    status.write_text("0")
    return f"/bin/sh -c 'exit $(cat {status})'"


def set_status(node: Node, number: int) -> None:
    fresh = node.folder / "status.new"
    fresh.write_text(str(number))
    fresh.replace(node.folder / "status")


def write(node: Node, scripts: str, *names: str, priority: int = 150) -> None:
    node.config_file.write_text(
        SECURE + scripts + config(priority=priority, more=tracked(*names) if names else "")
    )


def reload(node: Node) -> None:
    before = node.log().count("configuration reloaded")
    node.process.send_signal(signal.SIGHUP)
    node.wait_log("configuration reloaded", times=before + 1)


def tracker(node: Node, name: str = "chk") -> dict[str, Any]:
    return next(t for t in node.status()["trackers"] if t["name"] == name)


def runner_of(node: Node) -> ProcessId:
    pid = node.status()["runner_pid"]
    found = ProcessId.of(pid) if pid else None
    assert found is not None, "no runner process"
    return found


def test_without_scripts_there_is_no_runner(node: Node) -> None:
    node.start()
    assert node.status()["runner_pid"] is None
    assert node.status()["trackers"] == []


def test_a_failing_check_moves_the_priority_and_back(node: Node) -> None:
    write(node, check("chk", by_file(node), "weight -60"), "chk")
    node.start()
    assert wait_until(lambda: tracker(node)["up"] is True, 10)
    set_status(node, 3)
    node.wait_log("VRRP_Script(chk) failed (exit 3)")
    node.wait_log("Changing effective priority from 150 to 90: script chk failed (exit 3)")
    assert tracker(node)["detail"] == "exit 3"
    assert node.status()["instances"][0]["priority"] == 90
    shown = node.haloctl("status").stdout
    assert "script chk" in shown
    assert "failing" in shown
    assert "Priority 150 -> 90: script chk failed (exit 3)" in node.haloctl("why").stdout
    set_status(node, 4)
    assert wait_until(lambda: tracker(node)["detail"] == "exit 4", 10)
    set_status(node, 0)
    node.wait_log("Changing effective priority from 90 to 150: script chk succeeds")


def test_without_a_weight_it_is_fault(node: Node) -> None:
    write(node, check("chk", by_file(node)), "chk", priority=255)
    node.start()
    node.wait_address(VIP)
    set_status(node, 1)
    node.wait_log("Entering FAULT STATE (was MASTER): script chk failed (exit 1)")
    node.wait_address(VIP, there=False)
    assert "cannot be MASTER: script chk failed (exit 1)" in node.haloctl("why").stdout
    assert node.haloctl("status").returncode == 1
    set_status(node, 0)
    node.wait_address(VIP)


def test_one_that_hangs_is_ended_with_all_that_it_started(node: Node) -> None:
    pids = node.folder / "pids"
    script = node.folder / "hang.sh"
    script.write_text(f"#!/bin/sh\ntrap '' TERM\nsleep 61 & echo $! >> {pids}\nwait\nsleep 61\n")
    script.chmod(0o755)
    write(node, check("chk", str(script), "weight -60"), "chk")
    node.start()
    node.wait_log("VRRP_Script(chk) failed (timed out after 1.000 s)", 20)
    first = int(pids.read_text().split()[0])
    assert wait_until(lambda: not Path(f"/proc/{first}").exists(), 10)
    assert node.stop() == 0
    left = [p for p in map(int, pids.read_text().split()) if Path(f"/proc/{p}").exists()]
    assert wait_until(lambda: not any(Path(f"/proc/{p}").exists() for p in left), 10)


def test_what_cannot_be_run_is_left_out_and_named(node: Node) -> None:
    open_script = node.folder / "open.sh"
    open_script.write_text("#!/bin/sh\nexit 1\n")
    open_script.chmod(0o777)
    write(
        node,
        check("gone", "/nonexistent/check.sh")
        + check("open", str(open_script))
        + check("stranger", "/bin/true", "user no-such-user")
        + check("good", "/bin/true"),
        *("gone", "open", "stranger", "good"),
        priority=255,
    )
    node.start()
    node.wait_address(VIP)
    findings = "\n".join(node.status()["findings"])
    assert "vrrp_script gone is left out" in findings
    assert "/nonexistent/check.sh is not there" in findings
    assert "others can change it" in findings
    assert "there is no user no-such-user" in findings
    assert [t["name"] for t in node.status()["trackers"]] == ["good"]


def test_a_runner_that_dies_is_replaced_and_its_last_word_holds(node: Node) -> None:
    write(node, check("chk", by_file(node), "weight -60\n    rise 3\n    fall 3"), "chk")
    node.start()
    set_status(node, 1)
    node.wait_log("Changing effective priority from 150 to 90")
    old = runner_of(node)
    old.send(signal.SIGKILL)
    node.wait_log(f"runner process {old.pid} was killed by SIGKILL")
    assert wait_until(lambda: node.status()["runner_pid"] not in (None, old.pid), 10)
    assert tracker(node)["up"] is False
    assert node.status()["instances"][0]["priority"] == 90
    assert node.status()["runner_restarts"] == 1
    # It counts on: one success is not three.
    set_status(node, 0)
    node.wait_log("Changing effective priority from 90 to 150", 20)


def test_a_heartbeat_that_dies_is_told_what_the_trackers_said(node: Node) -> None:
    write(node, check("chk", by_file(node), "weight -60"), "chk")
    node.start()
    set_status(node, 1)
    node.wait_log("Changing effective priority from 150 to 90")
    node.heartbeat.send(signal.SIGKILL)
    node.wait_log("Changing effective priority from 150 to 90", times=2)


def test_a_reload_adds_removes_and_changes_scripts(node: Node) -> None:
    chk = check("chk", by_file(node), "weight -60\n    fall 2")
    write(node, chk, "chk")
    node.start()
    runner = runner_of(node)
    set_status(node, 1)
    node.wait_log("Changing effective priority from 150 to 90")
    write(node, chk + check("more", "/bin/false", "weight -10"), "chk", "more")
    reload(node)
    assert wait_until(lambda: node.status()["instances"][0]["priority"] == 80, 10)
    assert tracker(node)["since_s"] > 0
    assert runner_of(node) == runner, "it is the same process"
    write(node, "")
    reload(node)
    assert wait_until(lambda: node.status()["runner_pid"] is None, 10)
    assert node.status()["trackers"] == []
    assert "runner process" not in node.log(), "it went because it was asked to"
    write(node, chk, "chk")
    reload(node)
    assert wait_until(lambda: node.status()["instances"][0]["priority"] == 90, 10)
    assert node.stop() == 0
    assert node.namespace.members() == []


def test_init_fail_counts_as_failing_until_the_first_result(node: Node) -> None:
    begun = node.folder / "begun"
    slow = f"/bin/sh -c 'touch {begun}; sleep 5'"
    write(node, check("chk", slow, "weight -60\n    init_fail\n    timeout 60"), "chk")
    node.start()
    node.wait_log("Changing effective priority from 150 to 90: script chk failed (init_fail)")
    assert wait_until(begun.exists, 10)

"""Programs that are run once, names and processors of processes: a daemon that has them."""

from __future__ import annotations

import os
import signal
import stat
import time
from pathlib import Path

import pytest

from halod.lab.patience import wait_until
from tests.kit.node import SECRET, VIP, Node, config

pytestmark = pytest.mark.needs_netns


def script(node: Node, name: str, *lines: str) -> str:
    path = node.folder / name
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return str(path)


def globals_of(*lines: str) -> str:
    return "\n".join(["global_defs {", "script_user root", *lines, "}", ""])


def comm(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def test_programs_are_run_before_and_after_and_processes_are_called_as_asked(node: Node) -> None:
    notes = node.folder / "notes"
    look = f"ip -4 -o address show to {VIP} | grep -c . >> {notes}"
    up = script(node, "up", f"umask >> {notes}", look, "exit 3")
    down = script(node, "down", look)
    cpu = max(os.sched_getaffinity(0))
    node.config_file.write_text(
        globals_of(
            f"startup_script {up}",
            f"shutdown_script {down}",
            "process_name lb",
            "vrrp_process_name lb_vrrp",
            f"vrrp_cpu_affinity {cpu}",
            "umask IXGRP|IXOTH",
        )
        + config()
    )
    node.start()
    node.wait_address(VIP)
    assert "startup_script: exit 3" in node.log(), "it is told, and changes nothing"
    assert (comm(node.process.pid), comm(node.heartbeat.pid)) == ("lb", "lb_vrrp")
    tasks = Path(f"/proc/{node.heartbeat.pid}/task").iterdir()
    assert all(os.sched_getaffinity(int(task.name)) == {cpu} for task in tasks)
    assert node.stop() == 0
    assert notes.read_text().split() == ["0011", "0", "0"], "no address before, none after"


def test_one_that_takes_too_long_is_ended_and_a_stop_waits_for_none(node: Node) -> None:
    begun = node.folder / "begun"
    slow = script(node, "slow", f"touch {begun}", "exec sleep 100")
    lines = f"startup_script {slow}", "startup_script_timeout 1"
    node.config_file.write_text(globals_of(*lines) + config())
    node.start()
    assert "startup_script: timed out after 1.000 s" in node.log()
    node.stop()
    begun.unlink()
    node.config_file.write_text(globals_of(lines[0], "startup_script_timeout 1000") + config())
    node.start(ready=False)
    assert wait_until(begun.exists, 60)
    assert node.stop(20) == 0
    assert "startup_script: ended, for the daemon is to stop" in node.log()


def test_files_of_a_reload_and_of_a_dump_bear_names_of_the_file(node: Node) -> None:
    reload_file = node.folder / "reload"
    settings = globals_of(
        f"reload_file {reload_file}", "data_use_instance", f"state_dump_file {node.folder}/"
    )
    node.config_file.write_text(f"instance one\n{settings}{config()}")
    reload_file.write_text("busy")
    node.start()
    assert not reload_file.exists(), "the first reading is over"
    reload_file.write_text("busy")
    node.process.send_signal(signal.SIGHUP)
    assert wait_until(lambda: not reload_file.exists(), 10)
    node.process.send_signal(signal.SIGUSR1)
    assert wait_until((node.folder / "keepalived.one.data").exists, 10)


def saved_in(folder: Path) -> dict[str, str]:
    """By name without the number of the process; what is half-written has another."""
    found = {}
    for path in folder.glob("keepalived*"):
        name, _, rest = path.name.partition(".conf." if ".conf." in path.name else ".")
        found[f"{name} {rest.partition('.')[2]}"] = path.read_text()
    return found


def test_what_reloads_read_is_saved(node: Node) -> None:
    folder = node.folder / "saved"
    node.config_file.write_text(globals_of(f"config_save_dir {folder}") + config(priority=150))
    node.start()
    node.wait_address(VIP)
    assert list(saved_in(folder)) == ["keepalived 0"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    before = node.config_file.read_text()
    node.config_file.write_text(before.replace("priority 150", "priority 90"))
    node.process.send_signal(signal.SIGHUP)
    assert wait_until(lambda: "keepalived_vrrp 1.post" in saved_in(folder), 10)
    saved = saved_in(folder)
    assert sorted(saved) == [
        "keepalived 0",
        "keepalived 1",
        "keepalived_vrrp 1.post",
        "keepalived_vrrp 1.pre",
    ]
    assert "priority 150" in saved["keepalived 0"]
    assert "priority 90" in saved["keepalived 1"]
    assert "Priority = 150" in saved["keepalived_vrrp 1.pre"]
    assert "Priority = 90" in saved["keepalived_vrrp 1.post"]
    assert all(SECRET not in text for text in saved.values())
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    node.config_file.write_text("vrrp_instance {")
    node.process.send_signal(signal.SIGHUP)
    node.wait_log("reload refused")
    assert sorted(saved_in(folder)) == sorted(saved), "one that is refused changes nothing"


def test_a_file_that_is_no_utf8_is_saved_as_it_is(node: Node) -> None:
    """Editors of old write Latin-1 into comments: that must cost neither a start nor a reload."""
    folder = node.folder / "saved"
    text = globals_of(f"config_save_dir {folder}") + config()
    node.config_file.write_bytes(b"# caf\xe9\n" + text.encode())
    node.start()
    (saved,) = folder.iterdir()
    assert b"\n# caf\xe9\n" in saved.read_bytes()
    node.process.send_signal(signal.SIGHUP)
    node.wait_log("configuration reloaded")


def test_a_folder_that_cannot_be_made_stops_no_reload(node: Node) -> None:
    folder = node.folder / "no" / "saved"
    node.config_file.write_text(globals_of(f"config_save_dir {folder}") + config())
    node.start()
    node.wait_log(f"config_save_dir: {folder}: No such file or directory")
    node.process.send_signal(signal.SIGHUP)
    node.wait_log("configuration reloaded")


def test_a_reload_at_its_time(node: Node) -> None:
    at = node.folder / "at"
    node.config_file.write_text(globals_of(f"reload_time_file {at}") + config())
    node.start()
    soon = time.gmtime(time.time() + 5)
    at.write_text(time.strftime("%Y-%m-%d %H:%M:%SZ", soon))
    node.wait_log("configuration reloaded", 30)
    assert not at.exists()

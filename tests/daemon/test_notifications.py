"""Notifications of a running daemon: over reloads, the death of the runner, and the stop."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from halod.lab.patience import stays_true, wait_until
from tests.daemon.test_reload import hang_up
from tests.kit.node import VIP, Node, config

pytestmark = pytest.mark.needs_netns

GLOBALS = """global_defs {{
    script_user root
    vrrp_notify_fifo {folder}/fifo
    vrrp_notify_fifo_script "{folder}/lines.sh"
}}
"""


@pytest.fixture
def folder(node: Node) -> Path:
    """With a program for scripts, and one that reads the pipe."""
    for name, text in (
        ("n.sh", 'echo "$*" >> {0}/told'),
        ("lines.sh", 'while read -r line; do echo "$line" >> {0}/lines; done < "$1"'),
    ):
        path = node.folder / name
        path.write_text(f"#!/bin/sh\n{text.format(node.folder)}\n")
        path.chmod(0o755)
    return node.folder


def telling(folder: Path, name: str = "VI_1", vrid: int = 51, vip: str = VIP) -> str:
    """An instance of priority 255: MASTER at once."""
    lines = f'notify "{folder}/n.sh any"\n    notify_deleted "{folder}/n.sh gone"'
    text = config(name, vrid=vrid, vip=vip)
    return text.replace("interface near\n", f"interface near\n    {lines}\n")


def told(folder: Path) -> list[str]:
    path = folder / "told"
    return path.read_text().splitlines() if path.exists() else []


def wait_told(folder: Path, *wanted: str) -> None:
    wait_until(lambda: len(told(folder)) >= len(wanted), 20.0)
    assert told(folder) == list(wanted)


def test_a_reload_tells_of_what_it_removes_and_the_stop_of_the_end(
    node: Node, folder: Path
) -> None:
    globals_ = GLOBALS.format(folder=folder)
    node.config_file.write_text(globals_ + telling(folder))
    node.start()
    started = ["any INSTANCE VI_1 MASTER 255"]
    wait_told(folder, *started)
    hang_up(node, globals_ + telling(folder, "VI_2", 52, "192.0.2.10"))
    reloaded = [
        *("gone", "any INSTANCE VI_1 DELETED 255"),
        "any INSTANCE VI_2 MASTER 255",
    ]
    # Of two instances: each in its order.
    assert wait_until(lambda: len(told(folder)) == 4, 20.0), told(folder)
    assert sorted(told(folder)) == sorted(started + reloaded)
    status = node.status()["notifications"]
    assert status["told"] == 3
    assert [pipe["script_starts"] for pipe in status["fifos"]] == [1], "it reads on"
    assert node.stop() == 0
    assert told(folder)[4:] == ["any INSTANCE VI_2 STOP 255"]
    assert (folder / "lines").read_text().splitlines() == [
        f'INSTANCE "{name}" {state} 255'
        for name, state in (
            *(("VI_1", "MASTER"), ("VI_1", "DELETED")),
            *(("VI_2", "MASTER"), ("VI_2", "STOP")),
        )
    ]
    assert not (folder / "fifo").exists()


def test_the_last_one_that_asked_is_told_of_its_end_and_then_nothing_runs(
    node: Node, folder: Path
) -> None:
    node.config_file.write_text(telling(folder))
    node.start()
    node.wait_state("MASTER")
    assert node.status()["runner_pid"]
    hang_up(node, config("VI_2", vrid=52, vip="192.0.2.10"))
    wait_told(
        folder,
        *("any INSTANCE VI_1 MASTER 255", "gone", "any INSTANCE VI_1 DELETED 255"),
    )
    assert wait_until(lambda: node.status()["runner_pid"] is None, 10.0)
    assert node.status()["notifications"] == {}
    assert "runner" not in " ".join(
        line for line in node.log().splitlines() if " alert " in line
    ), node.log()


def test_a_runner_that_dies_is_replaced_and_tells_what_came_meanwhile(
    node: Node, folder: Path
) -> None:
    node.config_file.write_text(telling(folder))
    node.start()
    node.wait_state("MASTER")
    wait_told(folder, "any INSTANCE VI_1 MASTER 255")
    runner = node.status()["runner_pid"]
    os.kill(runner, signal.SIGKILL)
    assert wait_until(lambda: node.status()["runner_pid"] not in (None, runner), 10.0)
    assert node.stop() == 0
    assert told(folder)[1:] == ["any INSTANCE VI_1 STOP 255"]


def test_a_script_that_cannot_run_is_told_when_the_file_is_read(node: Node, folder: Path) -> None:
    (folder / "n.sh").chmod(0o644)
    node.config_file.write_text(telling(folder))
    node.start()
    node.wait_log(f"notify of VI_1 is left out: {folder}/n.sh is not executable for user root")
    node.wait_state("MASTER")
    assert stays_true(lambda: told(folder) == [], 0.5)


def test_no_mail_server_holds_up_the_stop(node: Node, folder: Path) -> None:
    mail = "notification_email {\n ops@example.org\n }\n smtp_server 192.0.2.254\n smtp_alert\n"
    node.config_file.write_text(f"global_defs {{\n {mail} }}\n{config()}")
    node.start()
    node.wait_state("MASTER")
    assert wait_until(lambda: node.status()["notifications"]["mail"]["waiting"] == 1, 10.0)
    assert node.stop(within_s=15.0) == 0
    assert "mails not sent before the stop" in node.log()

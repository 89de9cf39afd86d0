"""A daemon that runs writes its dumps when it is signalled, beside a keepalived that does."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from halod.daemon.dumps.signal_names import DATA, JSON, STATS, STATS_CLEAR, THREAD_DUMP
from halod.lab.patience import wait_until
from tests.daemon.dumps.test_formats import kinds
from tests.kit.node import SECRET, VIP, Node, config

pytestmark = pytest.mark.needs_netns

FORMS = """
vrrp_instance VI_2 {
    interface near
    virtual_router_id 52
    version 3
    priority 120
    advert_int 0.5
    nopreempt
    garp_master_refresh 30
    garp_lower_prio_repeat 2
    virtual_ipaddress {
        192.0.2.19/24 label near:9
        192.0.2.20
    }
    virtual_ipaddress_excluded {
        192.0.2.22/24
    }
}
vrrp_instance VI_3 {
    interface near
    virtual_router_id 53
    priority 90
    preempt_delay 7
    advert_int 2
    virtual_ipaddress {
        192.0.2.21/24 brd 192.0.2.255
    }
}
"""
"""Beside the usual instance: what changes which keys there are, and how values look."""


def signalled(node: Node, number: int, file: Path) -> str:
    """The content of the file that appears."""
    file.unlink(missing_ok=True)
    os.kill(node.process.pid, number)
    assert wait_until(file.exists, 5), node.log()
    return file.read_text()


def started(node: Node, text: str) -> Path:
    """The folder in which its dumps go."""
    temporary = node.folder / "tmp"
    temporary.mkdir()
    node.environment = {**os.environ, "TMPDIR": str(temporary)}
    node.config_file.write_text(text)
    node.start()
    node.wait_address(VIP)
    return temporary


def test_every_signal_writes_its_file(node: Node) -> None:
    folder = started(node, config())
    for number, name, text in (
        (JSON, "keepalived.json", '"iname":"VI_1"'),
        (DATA, "keepalived.data", " VRRP Instance = VI_1\n"),
        (STATS, "keepalived.stats", "VRRP Instance: VI_1\n"),
    ):
        content = signalled(node, number, folder / name)
        assert text in content
        assert SECRET not in content
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert sorted(p.name for p in folder.iterdir()) == [
        "keepalived.data",
        "keepalived.json",
        "keepalived.stats",
    ]


def test_the_dump_is_of_now_and_statistics_can_be_cleared(node: Node) -> None:
    folder = started(node, config())
    stats = folder / "keepalived.stats"
    assert "Became master: 1\n" in signalled(node, STATS, stats)
    os.kill(node.process.pid, STATS_CLEAR)
    assert wait_until(
        lambda: "Became master: 0\n" in signalled(node, STATS, stats), 5, every_s=0.05
    )
    assert node.status()["instances"][0]["term"] == 1, "halod's own figures go on"


def test_dumps_go_where_the_file_says(node: Node) -> None:
    where = node.folder / "dumps"
    where.mkdir()
    options = f"global_defs {{\njson_version 2\njson_dump_file {where}/a.json\n"
    options += f"stats_dump_file {where}/\n}}\n"
    started(node, options + config())
    shown = json.loads(signalled(node, JSON, where / "a.json"))
    assert [each["data"]["iname"] for each in shown["vrrp"]] == ["VI_1"]
    assert signalled(node, STATS, where / "keepalived.stats")


def test_a_dump_that_cannot_be_written_is_told(node: Node) -> None:
    started(node, f"global_defs {{\njson_dump_file {node.folder}/none/a.json\n}}\n" + config())
    os.kill(node.process.pid, JSON)
    node.wait_log("dump not written: ")
    node.wait_log("No such file or directory")


def test_no_signal_of_keepalived_ends_a_process(node: Node) -> None:
    started(node, config())
    heartbeat = node.heartbeat
    for number in (JSON, DATA, STATS, STATS_CLEAR, THREAD_DUMP):
        heartbeat.send(signal.Signals(number) if number < 32 else number)  # type: ignore[arg-type]
        os.kill(node.process.pid, number)
    node.wait_log("SIGRTMAX is for keepalived's threads")
    assert node.status()["heartbeat_pid"] == heartbeat.pid
    assert node.status()["heartbeat_restarts"] == 0


def test_signum_prints_numbers(node: Node) -> None:
    run = [*node.namespace.prefix, *node.program]
    told = subprocess.run([*run, "--signum=JSON"], capture_output=True, text=True, check=True)
    assert told.stdout == "36\n"
    assert (
        subprocess.run([*run, "--signum=TDATA"], capture_output=True, check=False).returncode == 1
    )


@pytest.mark.needs_keepalived
def test_keepalived_writes_the_same_keys_for_the_same_file(node: Node) -> None:
    folder = started(node, config() + FORMS)
    assert wait_until(lambda: all_masters(node.status()), 10)
    ours = json.loads(signalled(node, JSON, folder / "keepalived.json"))
    node.stop()
    theirs = keepalived_json(node, folder)
    assert [list(each["data"]) for each in ours] == [list(each["data"]) for each in theirs]
    assert kinds(ours) == kinds(theirs)
    for each in (*ours, *theirs):
        each["data"]["last_transition"] = each["data"].get("auth_data") and 0
        each["data"].pop("auth_data", None)
    assert [each["data"] for each in ours] == [each["data"] for each in theirs]


def all_masters(status: dict[str, Any]) -> bool:
    return {i["state"] for i in status["instances"]} == {"MASTER"}


def keepalived_json(node: Node, folder: Path) -> Any:
    """Of a stock keepalived with the same file on the same host; its /tmp is the folder."""
    # What lies below /tmp is out of sight then: its own files are in the folder too.
    (folder / "ka.conf").write_text(node.config_file.read_text())
    script = f"mount --bind {folder} /tmp && exec keepalived -n -l -P"
    script += " -f /tmp/ka.conf -p /tmp/ka.pid -r /tmp/kav.pid"
    with (node.folder / "ka.log").open("w") as log:
        command = [*node.namespace.prefix, "unshare", "--mount", "sh", "-c", script]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        file = folder / "keepalived.json"

        def all_are_masters() -> bool:
            file.unlink(missing_ok=True)
            if process.poll() is None and (folder / "kav.pid").exists():
                process.send_signal(JSON)
            if not wait_until(lambda: file.exists() and file.read_text(), 1):
                return False
            return {each["data"]["state"] for each in json.loads(file.read_text())} == {2}

        assert wait_until(all_are_masters, 20, every_s=0.3), (node.folder / "ka.log").read_text()
        return json.loads(file.read_text())
    finally:
        process.terminate()
        process.wait(10)

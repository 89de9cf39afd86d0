"""What systemd is told, and the unit that starts the daemon."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from halod.kernel.sd_notify import notify
from halod.lab.patience import stays_true, wait_until
from tests.capabilities import ROOT
from tests.kit.node import Node, config

UNIT = ROOT / "packaging" / "halod.service"


class ManagerSocket:
    """NOTIFY_SOCKET as systemd has it."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))
        self.heard: list[str] = []

    def close(self) -> None:
        self._socket.close()

    def listen(self) -> list[str]:
        """Everything heard since the start."""
        while True:
            try:
                self.heard.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return self.heard

    def wait(self, text: str, within_s: float = 10.0) -> None:
        """Until it was told that."""
        found = wait_until(lambda: any(text in line for line in self.listen()), within_s)
        assert found, self.heard


@pytest.fixture
def manager(node: Node) -> Iterator[ManagerSocket]:
    made = ManagerSocket(node.folder / "notify")
    node.environment = os.environ | {"NOTIFY_SOCKET": str(node.folder / "notify")}
    yield made
    made.close()


@pytest.mark.needs_netns
def test_systemd_is_told_of_each_step(node: Node, manager: ManagerSocket) -> None:
    node.start(ready=False)
    manager.wait("READY=1\nSTATUS=1 VRRP instance")
    manager.wait("WATCHDOG=1")
    manager.heard.clear()
    node.process.send_signal(signal.SIGHUP)
    manager.wait("READY=1")
    reloading = next(line for line in manager.heard if line.startswith("RELOADING=1\n"))
    assert int(reloading.partition("MONOTONIC_USEC=")[2]) > 0
    manager.heard.clear()
    node.config_file.write_text("vrrp_instance VI_1 {\n}\n")
    node.process.send_signal(signal.SIGHUP)
    manager.wait("READY=1\nSTATUS=last reload refused")
    node.stop()
    assert manager.listen()[-1].startswith("STOPPING=1")


@pytest.mark.needs_netns
def test_systemd_is_told_when_the_heartbeat_stays_down(node: Node, manager: ManagerSocket) -> None:
    node.config_file.write_text(config(priority=100))
    node.start()
    for deaths in (1, 2, 3):
        node.heartbeat.send(signal.SIGKILL)
        node.wait_log("was killed by SIGKILL", times=deaths)
        if deaths < 3:
            assert wait_until(lambda: node.status()["heartbeat_pid"] is not None, 10)
    manager.wait("STATUS=heartbeat is down: it died 3 times within 60 s")


@pytest.mark.needs_netns
def test_a_manager_that_does_not_read_stops_nobody(node: Node, manager: ManagerSocket) -> None:
    node.start()
    assert wait_until(lambda: not writable(node.folder / "notify"), 10)
    # From here on each sign of life waits for nobody, and gives up.
    assert stays_true(lambda: not writable(node.folder / "notify"), 2.5, every_s=0.1)
    assert node.status()["pid"] == node.process.pid
    assert node.stop() == 0


def writable(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
        try:
            sock.sendto(b"WATCHDOG=1", str(path))
        except BlockingIOError:
            return False
    return True


def test_an_abstract_socket_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"halod-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        notify("READY=1", "STATUS=well")
        assert listening.recv(100) == b"READY=1\nSTATUS=well"


def test_a_manager_that_is_gone_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    notify("READY=1")


def unit() -> dict[str, list[str]]:
    """Keys of the unit with their values; a key may stand twice, and both count."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text().splitlines():
        key, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def test_the_unit_ends_keepalived_and_cleans_up_after_itself() -> None:
    keys = unit()
    assert keys["Conflicts"] == ["keepalived.service"]
    assert "keepalived.service" in keys["After"]
    assert keys["Type"] == ["notify"]
    assert keys["KillMode"] == ["mixed"], "SIGTERM to the supervisor alone"
    assert int(keys["WatchdogSec"][0]) >= 10
    assert int(keys["TimeoutStopSec"][0]) > 5
    assert keys["ExecStopPost"] == ["/opt/halod/bin/haloctl release --run-dir /run/halod"]
    assert keys["ExecStart"] == ["/opt/halod/bin/halod -n -l --run-dir /run/halod $DAEMON_ARGS"]
    assert keys["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    assert keys["RuntimeDirectoryPreserve"] == ["restart"]


@pytest.mark.needs_netns
@pytest.mark.needs_bpf
def test_the_capabilities_of_the_unit_are_enough(node: Node) -> None:
    names = " ".join(unit()["CapabilityBoundingSet"]).lower().replace("cap_", "+").split()
    node.start(prefix=["setpriv", "--inh-caps=-all", f"--bounding-set=-all,{','.join(names)}"])
    node.wait_log("Entering MASTER STATE")
    status = json.loads(node.haloctl("status", "--json").stdout)
    [shown] = status["instances"]
    assert shown["lease_mode"] == "bpf", status
    assert node.haloctl("status").returncode == 0
    log = node.log_file.read_text()
    assert "refuses BPF" not in log
    assert "real-time" not in log


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_takes_the_unit_without_a_word(tmp_path: Path) -> None:
    """The programs of the unit are stood in for: they are not installed where it points."""
    text = UNIT.read_text().replace("/opt/halod/bin/halod", "/bin/true")
    copy = tmp_path / "halod.service"
    copy.write_text(text.replace("/opt/halod/bin/haloctl", "/bin/true"))
    judged = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True
    )
    about_it = [line for line in judged.stderr.splitlines() if "halod.service" in line]
    assert (judged.returncode, about_it) == (0, []), judged.stderr

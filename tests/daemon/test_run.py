"""One run of the daemon in a namespace: start, stop, exit statuses, what it leaves."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from halod.daemon.options import parse_options
from halod.lab.patience import wait_until
from halod.lab.process import ProcessId
from tests.kit.node import FAR, NEAR, SECRET, VIP, Node, config

pytestmark = pytest.mark.needs_netns


def ended(node: Node, *options: str, prefix: tuple[str, ...] = ()) -> tuple[int, str]:
    """Exit status and log of a daemon that does not start."""
    node.start(*options, ready=False, prefix=prefix)
    return node.process.wait(20), node.log()


def test_a_clean_run_from_start_to_stop(node: Node) -> None:
    node.start()
    node.wait_address(VIP)
    node.adverts()
    assert node.status()["pid"] == node.process.pid
    assert node.stop() == 0
    assert (51, 0) in node.adverts(), "it resigned (RFC 3768, 6.4.3)"
    assert VIP not in node.addresses()
    assert "Entering MASTER STATE" in node.log()
    assert node.log().rstrip().endswith("stopped")


def test_after_a_clean_stop_nothing_is_left(node: Node) -> None:
    node.start()
    node.wait_address(VIP)
    node.stop()
    assert sorted(path.name for path in node.run_dir.iterdir()) == ["addresses.json"]
    assert (node.run_dir / "addresses.json").read_text() == "[]"
    assert "clsact" not in node.namespace.run("tc", "qdisc", "show", "dev", NEAR)


def test_files_of_a_run_are_private(node: Node) -> None:
    node.start()
    node.wait_address(VIP)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in node.run_dir.iterdir()}
    assert modes == {
        "control.sock": 0o600,
        "addresses.json": 0o600,
        "halod.pid": 0o644,
        "vrrp.pid": 0o644,
    }
    assert stat.S_IMODE(node.run_dir.stat().st_mode) == 0o700
    assert (node.run_dir / "halod.pid").read_text() == f"{node.process.pid}\n"
    assert (node.run_dir / "vrrp.pid").read_text() == f"{node.heartbeat.pid}\n"


def test_pid_files_go_where_they_are_asked_to(node: Node) -> None:
    node.start("-p", str(node.folder / "a.pid"), "-r", str(node.folder / "b.pid"))
    assert (node.folder / "a.pid").read_text() == f"{node.process.pid}\n"
    assert (node.folder / "b.pid").read_text() == f"{node.heartbeat.pid}\n"
    node.stop()
    assert not (node.folder / "a.pid").exists()
    assert not (node.folder / "b.pid").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_either_signal_stops_it_cleanly(node: Node, number: signal.Signals) -> None:
    node.start()
    node.process.send_signal(number)
    assert node.process.wait(10) == 0


def test_a_stop_during_the_start_is_clean(node: Node) -> None:
    """Each of these comes at another moment: before the loop, before the heartbeat listens."""
    for milliseconds in (150, 200, 250, 300, 400):
        node.start(ready=False)
        running = node.run_dir / "halod.pid"
        assert wait_until(running.exists, 20, every_s=0.001)
        assert not wait_until(lambda: False, milliseconds / 1000 - 0.15)
        node.process.terminate()
        assert node.process.wait(10) == 0, node.log()
        assert VIP not in node.addresses()
    assert "Traceback" not in node.log()


def test_a_reload_asked_for_during_the_start_is_done_after_it(node: Node) -> None:
    """A script at boot sends SIGHUP, which ends a process that does not expect it."""
    node.start(ready=False)
    status = Path(f"/proc/{node.process.pid}/status")

    def blocks_hangup() -> bool:
        mask = next(line for line in status.read_text().splitlines() if line[:6] == "SigBlk")
        return bool(int(mask.split()[1], 16) & 1)

    assert wait_until(blocks_hangup, 10, 0.0005)
    node.process.send_signal(signal.SIGHUP)
    node.wait_log("configuration reloaded")
    node.wait_log("ready: ")
    assert node.stop() == 0


def test_no_configuration_is_6(node: Node) -> None:
    node.config_file.unlink()
    status, log = ended(node)
    assert status == 6
    assert "does not exist: name another with -f FILE" in log


def test_a_refused_configuration_is_2(node: Node) -> None:
    node.config_file.write_text("vrrp_instance VI_1 {\n  interface near\n}\n")
    status, log = ended(node)
    assert status == 2
    assert "configuration refused: nothing was started" in log


def test_no_permission_is_4(node: Node) -> None:
    for path in (node.folder, node.config_file):
        path.chmod(0o755)
    as_nobody = ("setpriv", "--reuid=65534", "--clear-groups")
    status, log = ended(node, prefix=as_nobody)
    assert status == 4
    assert "needs root (CAP_NET_ADMIN and CAP_NET_RAW)" in log


def test_a_run_directory_that_others_can_write_is_1(node: Node) -> None:
    node.run_dir.mkdir()
    node.run_dir.chmod(0o777)
    status, log = ended(node)
    assert status == 1
    assert f"can be written by others: chmod 0700 {node.run_dir}" in log


def test_a_run_directory_in_use_is_1(node: Node) -> None:
    node.start()
    first = node.process.pid
    status, log = ended(node)
    assert status == 1
    assert f"halod (pid {first}) uses {node.run_dir}: choose another with --run-dir" in log
    assert node.status()["pid"] == first


def test_a_virtual_router_in_use_is_1(node: Node) -> None:
    node.start()
    first = node.process.pid
    status, log = ended(node, "--run-dir", str(node.folder / "other"))
    assert status == 1
    assert f"halod (pid {first}) already runs VRID 51 on {NEAR}: stop it first" in log


def test_the_same_virtual_router_runs_in_two_namespaces(node: Node) -> None:
    from tests.kit.node import make_node

    node.start()
    with make_node() as other:
        other.start()
        assert other.state() == node.state() == "MASTER"


def test_an_interface_that_does_not_exist_is_waited_for(node: Node) -> None:
    node.namespace.ip("link", "del", NEAR)
    node.start()
    assert node.state() == "FAULT"
    node.namespace.ip("link", "add", NEAR, "type", "veth", "peer", FAR)
    node.namespace.ip("address", "add", "192.0.2.1/24", "dev", NEAR)
    for link in (NEAR, FAR):
        node.namespace.ip("link", "set", link, "up")
    node.wait_state("MASTER")
    node.wait_address(VIP)


def test_the_test_of_a_file_starts_nothing(node: Node) -> None:
    status = subprocess.run(node.command("-t"), capture_output=True, text=True)
    assert status.returncode == 0
    assert not node.run_dir.exists()
    node.config_file.write_text(config() + "frobnicate on\n")
    assert subprocess.run(node.command("-t"), capture_output=True).returncode == 5


def test_without_n_it_goes_into_the_background(node: Node) -> None:
    command = [part for part in node.command() if part not in ("-n", "-l")]
    assert not parse_options(command[1:]).foreground
    typed = subprocess.run(
        [*node.namespace.prefix, *command], capture_output=True, text=True, timeout=90
    )
    assert (typed.returncode, typed.stdout) == (0, ""), typed.stderr
    pid_file = node.run_dir / "halod.pid"
    assert wait_until(pid_file.exists, 10)
    pid = int(pid_file.read_text())
    supervisor = ProcessId.of(pid)
    assert supervisor is not None
    try:
        assert os.getsid(pid) != os.getsid(0), "a session of its own"
        assert os.readlink(f"/proc/{pid}/cwd") == "/"
        assert {os.readlink(f"/proc/{pid}/fd/{number}") for number in range(3)} == {"/dev/null"}
        assert wait_until(lambda: node.state() == "MASTER", 10)
        # Whoever comes second is told who is there now, not who was there before the fork.
        status, log = ended(node, "--run-dir", str(node.folder / "other"))
        assert status == 1
        assert f"halod (pid {pid}) already runs VRID 51" in log
    finally:
        supervisor.send(signal.SIGTERM)
        assert supervisor.wait_gone(10)
    assert VIP not in node.addresses()


def test_with_l_alone_the_background_goes_on_logging(node: Node) -> None:
    command = [part for part in node.command() if part != "-n"]
    with node.log_file.open("wb") as log:
        subprocess.run([*node.namespace.prefix, *command], stderr=log, timeout=90, check=True)
    node.wait_log("ready: ")
    supervisor = ProcessId.of(node.status()["pid"])
    assert supervisor is not None
    supervisor.send(signal.SIGTERM)
    node.wait_log("stopped")


def test_a_secret_is_told_nowhere(node: Node) -> None:
    node.start("-D", "--log-json")
    node.wait_address(VIP)
    node.config_file.write_text(config(more="frobnicate on").replace(SECRET, SECRET[::-1]))
    node.process.send_signal(signal.SIGHUP)
    node.wait_log("configuration reloaded")
    pids = (node.process.pid, node.heartbeat.pid)
    told = [node.log(), node.haloctl("status", "--json").stdout, node.haloctl("status").stdout]
    told += [node.haloctl("why").stdout]
    told += [(node.run_dir / "addresses.json").read_text()]
    for pid in pids:
        for part in ("cmdline", "environ"):
            told.append(Path(f"/proc/{pid}/{part}").read_bytes().decode(errors="replace"))
    for text in told:
        assert SECRET not in text
        assert SECRET[::-1] not in text

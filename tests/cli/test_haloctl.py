"""`haloctl` against a daemon that runs, against one that does not, and with wrong words."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from halod import __version__
from halod.lab.patience import wait_until
from tests.kit.node import NEAR, SECRET, VIP, Node, config, make_node

pytestmark = pytest.mark.needs_netns


@pytest.fixture(scope="module")
def calm() -> Iterator[Node]:
    """A MASTER that is only asked: one for all tests that change nothing."""
    with make_node() as node:
        node.start()
        node.wait_address(VIP)
        yield node


@pytest.fixture
def master(node: Node) -> Node:
    """A MASTER of the test's own."""
    node.start()
    node.wait_address(VIP)
    return node


def on_a_terminal(node: Node, *arguments: str, columns: int = 120) -> str:
    """What it shows on a terminal."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        with os.fdopen(theirs, "wb") as terminal:
            shown = subprocess.Popen(
                node.haloctl_argv(*arguments),
                stdout=terminal,
                env=os.environ | {"TERM": "xterm-256color", "COLUMNS": str(columns)},
            )
        text = b""
        while True:
            try:
                text += screen.read(65536)
            except OSError:  # the other end is closed
                break
        shown.wait()
    return text.decode()


def test_status_of_a_master_is_well(calm: Node) -> None:
    shown = calm.haloctl("status")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert f"halod {__version__}  pid {calm.process.pid}" in shown.stdout
    assert "VI_1" in shown.stdout
    assert "MASTER" in shown.stdout
    assert "VI_1 is MASTER on near: " in shown.stdout
    assert "\x1b" not in shown.stdout, "a pipe gets no colour"


def test_status_on_a_terminal_has_colour(calm: Node) -> None:
    shown = on_a_terminal(calm, "status")
    assert "\x1b[1;32mMASTER" in shown


def test_status_for_programs_is_one_object(calm: Node) -> None:
    shown = calm.haloctl("status", "--json")
    status = json.loads(shown.stdout)
    assert status["pid"] == calm.process.pid
    (instance,) = status["instances"]
    assert instance["state"] == "MASTER"
    assert instance["addresses"] == [f"{VIP}/24 dev {NEAR}"]
    assert SECRET not in shown.stdout


def test_status_of_a_fault_is_1_and_says_why(master: Node) -> None:
    master.namespace.ip("link", "set", NEAR, "down")
    master.wait_state("FAULT")
    shown = master.haloctl("status")
    assert shown.returncode == 1
    assert "alarm: VI_1 is FAULT" in " ".join(shown.stdout.split())
    assert shown.stdout.count("VI_1 is FAULT") == 1
    assert "is down or has no carrier" in " ".join(shown.stdout.split())


def test_why_says_one_sentence_an_instance(calm: Node) -> None:
    (sentence,) = calm.haloctl("why").stdout.splitlines()
    assert sentence.startswith("VI_1 is MASTER on near: ")
    assert sentence.endswith(".")
    assert calm.haloctl("why", "VI_1").stdout.startswith("VI_1 is MASTER")


def test_why_of_a_name_that_is_nearly_right(calm: Node) -> None:
    asked = calm.haloctl("why", "VI_2")
    assert asked.returncode == 1
    assert asked.stderr == "Error: nothing here is called VI_2: did you mean VI_1?\n"
    assert "there is VI_1" in calm.haloctl("why", "mail").stderr


def test_reload_says_what_became_of_it(master: Node) -> None:
    master.config_file.write_text(config() + config("VI_2", vrid=52, vip="192.0.2.10"))
    taken = master.haloctl("reload")
    assert (taken.returncode, taken.stdout, taken.stderr) == (0, "reload done\n", "")
    assert len(master.status()["instances"]) == 2
    master.wait_address("192.0.2.10")
    master.config_file.write_text(config(more="priority 255;"))
    taken = master.haloctl("reload")
    assert (taken.returncode, taken.stdout) == (0, "reload done\n")
    assert "ignored[E105]" in taken.stderr
    master.config_file.write_text("vrrp_instance VI_1 {\n}\n")
    refused = master.haloctl("reload")
    assert (refused.returncode, refused.stdout) == (
        5,
        "reload refused: what ran before runs on unchanged\n",
    )
    assert "refuse[" in refused.stderr
    assert master.haloctl("status").returncode == 1, "somebody should look"


def test_release_leaves_a_living_daemon_alone(calm: Node) -> None:
    asked = calm.haloctl("release")
    assert asked.returncode == 1
    assert "runs and holds its addresses by right: stop it instead" in asked.stderr
    assert VIP in calm.addresses()


def _killed_and_released(master: Node) -> subprocess.CompletedProcess[str]:
    heartbeat = master.heartbeat
    heartbeat.send(signal.SIGSTOP)
    master.process.kill()
    heartbeat.send(signal.SIGKILL)
    assert heartbeat.wait_gone(5)
    assert VIP in master.addresses()
    return master.haloctl("release", "-f", str(master.config_file))


def test_release_takes_away_what_the_killed_left(master: Node) -> None:
    done = _killed_and_released(master)
    if done.stdout == "nothing was left\n":
        # The kernel came first: a lifetime of at most 10 s is short on a busy machine.
        master.start()
        master.wait_log("Entering MASTER STATE")
        done = _killed_and_released(master)
    assert (done.returncode, done.stdout) == (0, f"removed {VIP}/24 dev {NEAR}\n")
    assert VIP not in master.addresses()
    assert "halod:" not in master.namespace.run("tc", "filter", "show", "dev", NEAR, "egress")
    again = master.haloctl("release", "-f", str(master.config_file))
    assert (again.returncode, again.stdout) == (0, "nothing was left\n")


def test_release_touches_nobody_elses_address(node: Node) -> None:
    node.namespace.ip("address", "add", f"{VIP}/24", "dev", NEAR)
    done = node.haloctl("release", "-f", str(node.config_file))
    assert (done.returncode, done.stdout) == (0, "nothing was left\n")
    assert VIP in node.addresses()


@pytest.mark.parametrize("command", ["status", "why", "reload"])
def test_without_a_daemon_the_cause_is_told(node: Node, command: str) -> None:
    asked = node.haloctl(command)
    assert asked.returncode == 1
    assert asked.stderr == (
        f"Error: no halod answers: {node.run_dir}/control.sock does not exist. "
        "Is it running, and with this --run-dir?\n"
    )


def test_a_daemon_that_was_killed_is_told_from_one_that_never_was(master: Node) -> None:
    master.process.kill()
    master.process.wait()
    asked = master.haloctl("status")
    assert asked.returncode == 1
    assert "it was killed and left its socket behind" in asked.stderr


def test_a_stopped_daemon_is_told(master: Node) -> None:
    master.process.send_signal(signal.SIGSTOP)
    asked = master.haloctl("status")
    assert asked.returncode == 1
    assert "did not answer within 5 s: is it stopped (SIGSTOP) or starved?" in asked.stderr
    master.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["dance"], "No such command 'dance'"),
        (["status", "--frobnicate"], "No such option"),
        (["why", "VI_1", "VI_2"], "unexpected extra argument (VI_2)"),
        (["check"], "Missing argument"),
    ],
)
def test_wrong_words_are_2(calm: Node, arguments: list[str], told: str) -> None:
    asked = subprocess.run([*calm.haloctl_command, *arguments], capture_output=True, text=True)
    assert asked.returncode == 2
    assert told in asked.stderr


def test_its_version_and_its_commands(calm: Node) -> None:
    told = subprocess.run([*calm.haloctl_command, "-v"], capture_output=True, text=True)
    assert told.stdout == f"haloctl, version {__version__}\n"
    shown = subprocess.run([*calm.haloctl_command, "-h"], capture_output=True, text=True).stdout
    for command in ("check", "lab", "release", "reload", "status", "why"):
        assert f"\n  {command} " in shown


def test_a_reader_that_has_seen_enough_is_no_failure(calm: Node) -> None:
    line = " ".join(calm.haloctl_argv("status", "--json"))
    piped = subprocess.run(f"{line} | head -n 1", shell=True, capture_output=True, text=True)
    assert (piped.stdout, piped.stderr) == ("{\n", "")


def test_status_shows_what_a_reload_changes(master: Node) -> None:
    master.config_file.write_text(config(priority=90))
    master.haloctl("reload")
    assert wait_until(lambda: master.status()["instances"][0]["priority"] == 90, 5)
    assert " 90 " in master.haloctl("status").stdout


def test_a_file_whose_name_is_no_text_is_shown(node: Node) -> None:
    node.config_file = Path(os.fsdecode(os.fsencode(node.config_file) + b"\xff"))
    node.config_file.write_text(config(more="frobnicate on"))
    node.start()
    node.wait_address(VIP)
    for arguments in (["status"], ["status", "--json"]):
        shown = node.haloctl(*arguments)
        assert "keepalived.conf\ufffd" in shown.stdout, shown.stderr
        assert "Traceback" not in shown.stderr


LONG = "VI_WEB_FRONTEND_EXTERNAL"
MANY = config(LONG) + config("VI_2", vrid=52, vip="192.0.2.110", priority=100)


def test_a_pipe_gets_whole_lines(node: Node) -> None:
    node.config_file.write_text(MANY)
    node.start()
    node.wait_address(VIP)
    shown = node.haloctl("status").stdout
    rows = [line.split() for line in shown.splitlines()]
    assert any(row[:2] == [LONG, "MASTER"] and f"{VIP}/24" in row for row in rows), shown
    # On a busy machine it has waited long enough for nobody, and is MASTER.
    second = [row for row in rows if row[:1] == ["VI_2"] and row[1] in ("BACKUP", "MASTER")]
    assert "192.0.2.110/24" in second[0], shown
    (sentence,) = [line for line in shown.splitlines() if line.startswith(f"{LONG} is MASTER")]
    assert sentence.endswith("does not wait."), "a sentence a line, for grep"


def test_a_narrow_terminal_loses_nothing(node: Node) -> None:
    node.config_file.write_text(MANY)
    node.start()
    node.wait_address(VIP)
    shown = on_a_terminal(node, "status", columns=80)
    assert "\u2026" not in shown, "an address that is cut off helps nobody"
    assert "192.0.2.110/24" in shown

"""The control socket: who may ask, and what happens to those who ask badly."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from halod.daemon.control import CLIENTS_MAX, DEADLINE_S, REQUEST_MAX, WAITING_MAX
from halod.lab.patience import wait_until
from tests.kit.node import Node, config, make_node

pytestmark = pytest.mark.needs_netns

STATUS = b'{"command": "status"}\n'
ASK = """
import socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
print(sock.makefile().readline())
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Node]:
    """A daemon that is only asked: one for all tests that change nothing."""
    with make_node() as node:
        node.start()
        yield node


@pytest.fixture
def alone(node: Node) -> Node:
    """A daemon of the test's own."""
    node.start()
    return node


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


def connect(node: Node, stack: ExitStack) -> socket.socket:
    connection = stack.enter_context(socket.socket(socket.AF_UNIX))
    connection.settimeout(DEADLINE_S + 5)
    connection.connect(str(node.run_dir / "control.sock"))
    return connection


def error_of(answer: bytes) -> str:
    return str(json.loads(answer)["error"])


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (b"\n", "a request is one line of JSON"),
        (b"status\n", "a request is one line of JSON"),
        (b"\xff\xfe\x00\n", "a request is one line of JSON"),
        (b"[" * 60_000 + b"\n", "a request is one line of JSON"),
        (b"[]\n", 'a request is an object with a "command"'),
        (b'{"command": 7}\n', 'a request is an object with a "command"'),
        (b'{"command": "dance"}\n', "no command 'dance': status, reload or server"),
        (b"x" * (REQUEST_MAX * 3), f"a request has at most {REQUEST_MAX} bytes"),
        (b'{"command"', "a request is one line of JSON"),
    ],
)
def test_garbage_is_answered_with_what_is_wrong(running: Node, request_: bytes, told: str) -> None:
    assert error_of(running.ask(request_)) == told
    assert running.status()["pid"] == running.process.pid
    assert "Traceback" not in running.log()


def test_only_root_and_its_own_user_may_ask(alone: Node) -> None:
    """Even where the modes of socket and directory are widened by mistake."""
    alone.folder.chmod(0o755)
    alone.run_dir.chmod(0o755)
    path = alone.run_dir / "control.sock"
    path.chmod(0o666)
    asked = subprocess.run(
        ["setpriv", "--reuid=65534", "--clear-groups", "/usr/bin/python3", "-c", ASK, str(path)],
        capture_output=True,
        text=True,
    )
    assert "only root and the user that runs halod may ask" in asked.stdout, asked.stderr


def test_who_dawdles_is_cut_off_and_stops_nobody(running: Node, stack: ExitStack) -> None:
    slow = connect(running, stack)
    slow.sendall(STATUS[:5])
    since = time.monotonic()
    assert running.status()["pid"] == running.process.pid
    assert slow.recv(100) == b""
    assert DEADLINE_S - 1 < time.monotonic() - since < DEADLINE_S + 4


def test_the_seventeenth_waits_for_a_place(running: Node, stack: ExitStack) -> None:
    sitting = [connect(running, stack) for _ in range(CLIENTS_MAX)]
    waiting = connect(running, stack)
    waiting.sendall(STATUS)
    waiting.settimeout(0.3)
    with pytest.raises(TimeoutError):
        waiting.recv(100)
    sitting[0].close()
    waiting.settimeout(5)
    assert waiting.recv(100).startswith(b'{"version"')


def test_a_client_that_does_not_read_is_let_go(alone: Node, stack: ExitStack) -> None:
    """Its answer would wait for it for ever, and a descriptor with it."""
    many = "".join(
        config(f"VI_{vrid}", priority=100, vrid=vrid, vip=thirty_addresses(vrid))
        for vrid in range(1, 250)
    )
    alone.config_file.write_text(many)
    alone.process.send_signal(signal.SIGHUP)
    alone.wait_log("configuration reloaded")
    before = descriptors(alone)
    deaf = connect(alone, stack)
    assert wait_until(lambda: len(alone.ask(STATUS)) > 256_000, 30), "more than the socket holds"
    deaf.sendall(STATUS)
    assert wait_until(lambda: descriptors(alone) == before + 1, 5)
    assert wait_until(lambda: descriptors(alone) == before, DEADLINE_S + 5)
    assert "Traceback" not in alone.log()


def test_a_runaway_script_is_turned_away(alone: Node, stack: ExitStack) -> None:
    """Each connection is a descriptor, and a supervisor that has none cannot start a heartbeat."""
    before = descriptors(alone)
    many = [connect(alone, stack) for _ in range(CLIENTS_MAX + WAITING_MAX)]
    assert wait_until(lambda: descriptors(alone) == before + len(many), 5)
    for _ in range(3):
        surplus = connect(alone, stack)
        assert error_of(surplus.recv(1000)) == "too many clients at once: ask again later"
    assert wait_until(lambda: descriptors(alone) == before + len(many), 5)
    for one in many:
        one.close()
    assert wait_until(lambda: descriptors(alone) == before, 5)
    assert json.loads(alone.ask(STATUS))["pid"] == alone.process.pid


def test_a_stop_leaves_its_clients_without_a_word(alone: Node, stack: ExitStack) -> None:
    clients = [connect(alone, stack) for _ in range(CLIENTS_MAX + 3)]
    for client in clients:
        client.sendall(STATUS[:10])
    assert wait_until(lambda: descriptors(alone) > len(clients), 5)
    assert alone.stop() == 0
    for client in clients:
        assert client.recv(100) == b""
    assert "Exception" not in alone.log()
    assert "Traceback" not in alone.log()


def test_many_questions_leave_nothing_open(running: Node) -> None:
    running.status()
    before = descriptors(running)
    for _ in range(50):
        running.status()
        running.ask(b"garbage\n")
    assert wait_until(lambda: descriptors(running) == before, 5)


def test_a_frozen_heartbeat_is_answered_for(alone: Node) -> None:
    alone.status()
    heartbeat = alone.heartbeat
    heartbeat.send(signal.SIGSTOP)
    status = alone.status()
    assert status["heartbeat_pid"] == heartbeat.pid
    assert status["instances"][0]["name"] == "VI_1"
    assert status["view_age_s"] > 0.1
    heartbeat.send(signal.SIGCONT)


def test_a_socket_that_a_killed_daemon_left_is_taken_over(alone: Node) -> None:
    alone.process.kill()
    alone.process.wait()
    assert (alone.run_dir / "control.sock").exists()
    alone.log_file.unlink()
    alone.start()
    assert alone.status()["pid"] == alone.process.pid


def descriptors(node: Node) -> int:
    return len(os.listdir(f"/proc/{node.process.pid}/fd"))


def thirty_addresses(vrid: int) -> str:
    """Of one instance, and of no other."""
    return "/24\n".join(f"10.{vrid}.0.{host}" for host in range(1, 31))

"""What systemd is told, caught at its socket."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from halod.kernel.sd_notify import notify


@pytest.fixture(params=["file", "abstract"])
def manager(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[socket.socket]:
    name = str(tmp_path / "n") if request.param == "file" else f"@halod-test{tmp_path}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(name.replace("@", "\0", 1))
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield listener


def test_assignments_come_in_one_datagram(manager: socket.socket) -> None:
    notify("READY=1", "STATUS=2 instances, Grüße")
    assert manager.recv(4096).decode() == "READY=1\nSTATUS=2 instances, Grüße"


def test_a_manager_that_does_not_read_holds_nobody_up(manager: socket.socket) -> None:
    """This queue has ten places; a supervisor that waits for one watches over nothing."""
    began = time.monotonic()
    for number in range(50):
        notify(f"WATCHDOG={number}")
    assert time.monotonic() - began < 5
    assert manager.recv(4096) == b"WATCHDOG=0"


def test_a_manager_that_is_gone_is_no_failure(manager: socket.socket) -> None:
    manager.close()
    notify("READY=1")


def test_without_a_manager_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")

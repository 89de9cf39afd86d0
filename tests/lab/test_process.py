"""Processes by id: never another one that got the same number."""

import os
import signal
import subprocess
import sys

from halod.lab.process import ProcessId, read_stat


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


def test_a_killed_process_is_gone_although_it_is_a_zombie() -> None:
    with sleeper() as child:
        process = ProcessId.of(child.pid)
        assert process is not None
        assert process.alive
        assert process.send(signal.SIGKILL)
        assert process.wait_gone(within_s=5)
        assert process.state == "Z"
        assert not process.send(signal.SIGKILL)


def test_another_start_time_is_another_process() -> None:
    with sleeper() as child:
        stat = read_stat(child.pid)
        assert stat is not None
        earlier = ProcessId(child.pid, stat.start_ticks - 1)
        assert not earlier.alive
        assert not earlier.send(signal.SIGKILL)
        assert child.poll() is None
        child.kill()


def test_children_are_found() -> None:
    with sleeper() as child:
        own = ProcessId.of(os.getpid())
        assert own is not None
        assert child.pid in [found.pid for found in own.children()]
        child.kill()


def test_nobody_has_an_impossible_number() -> None:
    assert ProcessId.of(2**22 + 1) is None

"""Processes by id: never another one that got the same number."""

import os
import signal
import subprocess
import sys

from halod.lab.process import ProcessId, all_processes, read_stat


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


def test_a_name_that_is_no_text_hides_nobody() -> None:
    """The kernel takes any bytes for a name, also those that look like the end of the field."""
    script = (
        r"import sys; open('/proc/self/comm', 'wb').write(b'((\xff) R 1'); "
        "print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable.encode(), b"-c", script.encode(), b"\xff"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as child:
        assert child.stdout is not None
        child.stdout.readline()
        stat = read_stat(child.pid)
        assert stat is not None
        assert stat.parent == os.getpid()
        process = ProcessId.of(child.pid)
        assert process is not None
        assert process in all_processes()
        assert process.command_line.split()[0] == sys.executable

"""What is played again, and what is not: a run of pytest with tests that forge a stall."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from halod.lab.patience import wait_until
from tests.capabilities import ROOT
from tests.kit.stalls import STALL_S, read_stalls, witnesses
from tests.spoiled import TRIES

CONFTEST = """
from tests.spoiled import end_witnesses, play, start_witnesses, write_spoiled

def pytest_configure(config):
    start_witnesses(config)

def pytest_unconfigure(config):
    end_witnesses(config)

def pytest_runtest_protocol(item, nextitem):
    play(item, nextitem)
    return True

def pytest_terminal_summary(terminalreporter):
    write_spoiled(terminalreporter)
"""
HEAD = """
import os, time, pytest
runs, made = [], []

def stall():
    now = time.monotonic_ns()
    with open(os.environ["HALOD_TEST_STALLS"], "a") as file:
        file.write(f"{now - 50_000_000} {now} 0\\n")

@pytest.fixture(scope="module")
def shared():
    made.append(1)
"""
SPOILED_ONCE = """
def test(shared):
    runs.append(1)
    if len(runs) == 1:
        stall()
        assert 0
    assert len(made) == 2
"""
WRONG = "def test(shared):\n    print('one more try')\n    stall()\n    assert 0\n"
UNDISTURBED = "def test(shared):\n    print('one more try')\n    assert 0\n"
EARLIER = "stall()\ntime.sleep(0.1)\ndef test(shared):\n    print('one more try')\n    assert 0\n"


def played(folder: Path, test: str, *arguments: str) -> tuple[int, str]:
    """Exit status and output of pytest over one file."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_it.py").write_text(HEAD + test)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-s", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)} | {"PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "with-workers"])
def test_what_failed_during_a_stall_is_played_again_from_its_fixtures_on(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    status, text = played(tmp_path, SPOILED_ONCE, *workers)
    assert status == 0, text
    # There may be real ones beside it, and longer ones.
    assert re.search(r"test_it.py::test: passed after \d+ stalls, up to \d\.\d\d s on core", text)


def test_what_fails_each_time_has_failed(tmp_path: Path) -> None:
    status, text = played(tmp_path, WRONG)
    assert status == 1
    assert text.count("one more try\n") == TRIES
    assert "test_it.py::test: failed after" in text
    assert "1 failed" in text


@pytest.mark.parametrize("test", [UNDISTURBED, EARLIER])
def test_without_a_stall_in_its_time_a_failure_counts_at_once(tmp_path: Path, test: str) -> None:
    status, text = played(tmp_path, test)
    assert status == 1
    # A real stall of this machine may have come in between: then it says so.
    assert text.count("one more try\n") == 1 or "repeated, for the machine stood still" in text


def test_a_witness_tells_what_its_core_missed(tmp_path: Path) -> None:
    """Stopped, as a core is stopped: the moment and the length are told."""
    file = tmp_path / "stalls"
    core = min(os.sched_getaffinity(0))
    with witnesses(file) as found:
        victim = found.processes[0].pid

        def is_told() -> bool:
            began_ns = time.monotonic_ns()
            os.kill(victim, signal.SIGSTOP)
            time.sleep(4 * STALL_S)
            os.kill(victim, signal.SIGCONT)
            told = (stall for stall in read_stalls(file, began_ns) if stall.core == core)
            return any(stall.seconds >= 4 * STALL_S for stall in told)

        # The first times it may be asleep still: a program that starts.
        assert wait_until(is_told, 30.0, 0.2)

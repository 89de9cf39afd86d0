"""A test that failed while the machine itself stood still is played again: it measured the machine.

Knows pytest's run of a test, and the witnesses of `tests/kit/stalls.py`. Must not know a test.

A failure without such a stall counts at once, and so does the last of several tries. What was
repeated, and why, stands at the end of the run. `docs/adr/0017-spoiled-measurements.md` says more.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest
import pytest_timeout
from _pytest.runner import runtestprotocol

from tests.kit.stalls import STALL_S, Stall, Witnesses, read_stalls
from tests.schedule import TOGETHER

__all__ = [
    "TRIES",
    "end_witnesses",
    "file_of_stalls",
    "play",
    "start_witnesses",
    "write_spoiled",
]

TRIES = 4
_FILE = "HALOD_TEST_STALLS"
"""In the environment, for the workers: where the witnesses write."""
_WITNESSES = pytest.StashKey[Witnesses]()
_SPOILED = "spoiled"
"""Of a report's `user_properties`, which go from a worker to the one who counts."""
_first_of_file: dict[str, int] = {}
"""When the first test of a file began that shares what one of them has measured."""


def start_witnesses(config: pytest.Config) -> None:
    """One set for the whole run: workers find the file in the environment."""
    if hasattr(config, "workerinput") or config.getoption("collectonly"):
        return
    folder = Path(tempfile.mkdtemp(prefix="halod-witnesses-"))
    file = folder / "stalls"
    os.environ[_FILE] = str(file)
    config.stash[_WITNESSES] = Witnesses.start(file)


def end_witnesses(config: pytest.Config) -> None:
    """Takes away what `start_witnesses` has made."""
    witnesses = config.stash.get(_WITNESSES, None)
    if witnesses is not None:
        witnesses.stop()
        witnesses.file.unlink()
        witnesses.file.parent.rmdir()


def file_of_stalls() -> Path:
    """Where the witnesses of this run write."""
    return Path(os.environ[_FILE])


def play(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """`pytest_runtest_protocol`, again while the machine spoils it."""
    hooks = item.ihook
    hooks.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    spoiled: list[str] = []
    began_ns = _began_ns(item, reports)
    while len(spoiled) < TRIES - 1 and any(report.failed for report in reports):
        stalls = read_stalls(file_of_stalls(), began_ns)
        if not stalls:
            break
        spoiled.append(_told(stalls))
        # Whatever it shares with others is made anew: that, too, may have been spoiled.
        item.session._setupstate.teardown_exact(None)
        _first_of_file.clear()
        _wind_up_the_time_limit(item)
        began_ns = time.monotonic_ns()
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for report in reports:
        if spoiled and report.when == "call":
            report.user_properties.append((_SPOILED, "; ".join(spoiled)))
        hooks.pytest_runtest_logreport(report=report)
    hooks.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


def _began_ns(item: pytest.Item, reports: list[pytest.TestReport]) -> int:
    """When the measuring began that this test judges, CLOCK_MONOTONIC."""
    own_ns = time.monotonic_ns() - int((time.time() - reports[0].start) * 1e9)
    file = item.nodeid.partition("::")[0]
    if file not in TOGETHER:
        return own_ns
    return _first_of_file.setdefault(file, own_ns)


def _told(stalls: list[Stall]) -> str:
    longest = max(stalls, key=lambda stall: stall.seconds)
    return f"{len(stalls)} stalls, up to {longest.seconds:.2f} s on core {longest.core}"


def _wind_up_the_time_limit(item: pytest.Item) -> None:
    """Each try has its own."""
    settings = pytest_timeout._get_item_settings(item)
    if settings.timeout:
        hooks = item.config.pluginmanager.hook
        hooks.pytest_timeout_cancel_timer(item=item)
        hooks.pytest_timeout_set_timer(item=item, settings=settings)


def write_spoiled(terminal: pytest.TerminalReporter) -> None:
    """What was repeated, and what the machine did meanwhile; silent where nothing was."""
    lines = [
        f"{report.nodeid}: {report.outcome} after {told}"
        for reports in terminal.stats.values()
        for report in reports
        for name, told in getattr(report, "user_properties", ())
        if name == _SPOILED
    ]
    if lines:
        terminal.section(f"repeated, for the machine stood still (more than {STALL_S} s)")
        for line in sorted(lines):
            terminal.write_line(line)

"""Capabilities and hypothesis profiles.

A test that needs something of the machine carries a marker, `needs_netns` and so on. Where that is
missing the test is skipped, and the end of the run says so. With `--require=netns,...` a missing
one ends the run before the first test, with an error.
"""

import contextlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer

from halod.lab.lab import Lab
from halod.lab.topology import tutorial_topology
from tests.capabilities import PROBES, parse_required
from tests.schedule import CoresAndWaiters, niceness_of
from tests.spoiled import end_witnesses, play, start_witnesses, write_spoiled

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI", "").lower() in {"1", "true"} else "dev")


@cache
def why_missing(capability: str) -> str | None:
    """The reason why a capability is missing, or None; probed once a process."""
    return PROBES[capability]()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """The tutorial's five hosts with nothing running on them; gone with the test."""
    with Lab(tutorial_topology(), base=tmp_path / "labs") as lab:
        yield lab
        # pytest shows it where the test failed, and nowhere else.
        for name, balancer in lab.balancers.items():
            print(f"---- what {balancer.program.name} said on {name}\n{balancer.log_tail(40)}")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--require`."""
    parser.addoption(
        "--require",
        action="append",
        default=[],
        metavar="CAPABILITY,...",
        help=f"fail where one of these is missing, instead of skipping: {', '.join(PROBES)}",
    )


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> CoresAndWaiters:
    """Spreads the tests over the workers of `-n`."""
    return CoresAndWaiters(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Ends the run where something required is missing."""
    try:
        required = parse_required(",".join(config.getoption("--require")))
    except ValueError as error:
        raise pytest.UsageError(f"--require: {error}") from error
    missing = {name: why for name in required if (why := why_missing(name)) is not None}
    if missing:
        told = "; ".join(f"{name} ({why})" for name, why in missing.items())
        raise pytest.UsageError(f"required, and missing here: {told}")
    start_witnesses(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends what `pytest_configure` has started."""
    end_witnesses(config)


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """In place of pytest's own: a test that the machine spoiled is played again."""
    play(item, nextitem)
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips what this machine cannot play; begins with what takes longest."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is None)
    for item in items:
        for name in PROBES:
            if item.get_closest_marker(f"needs_{name}") is None:
                continue
            why = why_missing(name)
            if why is not None:
                item.add_marker(pytest.mark.skip(reason=f"needs {name}: {why}"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Of several workers, those that compute stand back."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        # One who may not go back to 0 stays where he is.
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, niceness_of(item.nodeid))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was repeated, and in one line which capabilities kept how many tests from running."""
    write_spoiled(terminalreporter)
    counts: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        _, sign, need = reason.partition("needs ")
        if sign and need.partition(":")[0] in PROBES:
            counts[need] = counts.get(need, 0) + 1
    if counts:
        told = "; ".join(f"{count} for {need}" for need, count in sorted(counts.items()))
        terminalreporter.write_line(f"not played on this machine: {told}", yellow=True)

"""The table of a real kernel after halod is that after keepalived, for each configuration.

Played inside of user-mode-linux: see `tests/kernel/test_ipvs.py`. Both have read the file and no
check has ended yet: servers with `alpha` are down, all others up.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from halod.config.compile import compile_text
from halod.daemon.service_hands import ServiceHands
from halod.engine.balance_engine import BalanceEngine
from halod.kernel.config_sources import surroundings_here
from halod.kernel.ipvs import Ipvs
from halod.model.balance_event import (
    BalanceEvent,
    BalanceStopRequested,
    ServersConfigured,
    TableObserved,
    VrrpStateReported,
)
from halod.model.configuration import Configuration
from halod.model.state import State
from halod.model.units import Instant
from halod.model.virtual_server import LvsSettings
from tests.uml.lvs_files import FILES, NETWORK, clear, keepalived, table

NOW = Instant(1)
LEAST = 30
"""Configurations, as the acceptance of virtual servers asks for."""


_NUMBER, _OF = (int(word) for word in os.environ["SHARD"].split("/"))
OF_THIS_BOOT = list(FILES)[_NUMBER - 1 :: _OF]


class Balancing:
    """Engine, hands and kernel of the service process, without its loop."""

    def __init__(self, kernel: Ipvs) -> None:
        self._engine = BalanceEngine()
        self._kernel = kernel
        self._hands = ServiceHands(kernel, lambda _: None, self._trouble)

    def configure(self, configuration: Configuration) -> None:
        """From a start to where every instance is BACKUP."""
        settings = configuration.lvs or LvsSettings()
        self.handle(ServersConfigured(configuration.virtual_servers, settings))
        self.handle(TableObserved(self._kernel.observe()))
        for instance in configuration.instances:
            self.handle(VrrpStateReported(instance.name, State.BACKUP))

    def handle(self, event: BalanceEvent) -> None:
        for effect in self._engine.handle(event, NOW).effects:
            assert self._hands.perform(effect) is None

    @staticmethod
    def _trouble(subject: str, why: str) -> None:
        assert not why, f"{subject}: {why}"


@pytest.fixture(scope="module", autouse=True)
def network() -> None:
    subprocess.run(["sh", "-eu", "-c", NETWORK], check=True)


@pytest.fixture
def kernel() -> Iterator[Ipvs]:
    opened = Ipvs()
    yield opened
    opened.close()


def read(path: Path) -> Configuration:
    compiled = compile_text(str(path), path.read_text(), surroundings_here())
    assert compiled.configuration is not None, compiled.diagnostics
    return compiled.configuration


@pytest.mark.parametrize("name", OF_THIS_BOOT)
def test_the_table_after_halod_is_that_after_keepalived(kernel: Ipvs, name: str) -> None:
    with keepalived(FILES[name]):
        by_keepalived = table()
    clear()
    balancing = Balancing(kernel)
    balancing.configure(read(FILES[name]))
    assert table() == by_keepalived
    balancing.handle(BalanceStopRequested())
    assert kernel.observe().services == {}
    clear()


def test_a_table_of_keepalived_is_adopted_as_it_stands(kernel: Ipvs) -> None:
    for name in ("groups", "methods", "persistence", "tunnels"):
        configuration = read(FILES[name])
        before = Balancing(kernel)
        before.configure(configuration)
        stood = kernel.observe()
        # A daemon that knows nothing of the one before.
        after = BalanceEngine()
        settings = configuration.lvs or LvsSettings()
        after.handle(ServersConfigured(configuration.virtual_servers, settings), NOW)
        assert not after.handle(TableObserved(stood), NOW).effects
        clear()


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= LEAST, "Debian's samples are not installed: /usr/share/doc/keepalived"

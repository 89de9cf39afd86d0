"""What tens of thousands of real servers cost the daemon on the way from a file to its processes:
`python -m bench.many_servers` prints it below the engine.

Knows each process's part of that way, all done here one after the other: processor time, the least
of several runs. Must not start a process, nor touch a kernel's table: `bench.many_servers_daemon`
does.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from halod.checker.reactor import Reactor
from halod.checker.schedule import Schedule
from halod.config.memory import Memory
from halod.daemon.checker_needs import needs_of_one, together
from halod.daemon.model_memory import HandedDown, changed_model, read_model, write_model
from halod.daemon.options import parse_options
from halod.daemon.parts import checked_over_network, checker_part, service_part
from halod.daemon.per_server import PerServer
from halod.daemon.startup import configuration_of
from halod.engine.balance_engine import BalanceEngine
from halod.kernel.collector import made_to_stay
from halod.model.balance_event import ServersConfigured, TableObserved
from halod.model.configuration import Configuration
from halod.model.service_table import ServiceTable
from halod.model.units import Instant
from halod.model.virtual_server import LvsSettings, VirtualServer

__all__ = ["REAL", "RELOADS", "VIRTUAL", "main", "site_text"]

VIRTUAL, REAL = 2277, 37205
RUNS = 3
NOW = Instant(10**9)
LVS = LvsSettings()
T = TypeVar("T")

_VIRTUAL = """virtual_server {vip} 80 {{
    delay_loop 5
    lb_algo wrr
    lb_kind NAT
    protocol TCP
{servers}}}
"""
_REAL = """    real_server {address} 80 {{
        weight 1
        TCP_CHECK {{
            connect_timeout 3
        }}
    }}
"""


def site_text() -> str:
    """The site as a file of 237,000 lines."""
    blocks, first = [], 0
    for number in range(VIRTUAL):
        last = REAL * (number + 1) // VIRTUAL
        servers = "".join(
            _REAL.format(address=f"11.{at >> 16}.{at >> 8 & 255}.{at & 255}")
            for at in range(first, last)
        )
        blocks.append(_VIRTUAL.format(vip=f"10.0.{number >> 8}.{number & 255}", servers=servers))
        first = last
    return "".join(blocks)


def _one_less(text: str) -> str:
    begin = text.index("    real_server")
    return text[:begin] + text[text.index("    real_server", begin + 1) :]


RELOADS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("nothing changed", lambda text: text),
    ("one other weight", lambda text: text.replace("weight 1\n", "weight 7\n", 1)),
    ("one server less", _one_less),
)


class _Way:
    """One life of the daemon; what each step took, seconds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.took: dict[str, float] = {}
        self._memory = Memory()
        self._needs, self._parts = PerServer(needs_of_one), PerServer(checked_over_network)
        self._handed: list[dict[str, VirtualServer]] = [{}, {}]
        self._has: list[dict[str, VirtualServer]] = [{}, {}]
        self._engine = BalanceEngine()
        self._engine.handle(TableObserved(ServiceTable()), NOW)
        self._schedule = Schedule(Reactor(), random.Random(1).random, lambda told: None, 100)

    def load(self, text: str) -> None:
        """The file says this now."""
        self._path.write_text(text, encoding="utf-8")
        options = parse_options(["-n", "-f", str(self._path)])
        loaded = self._timed("the file is read", lambda: configuration_of(options, self._memory))
        configuration = loaded.configuration
        assert configuration is not None, loaded.findings
        servers = configuration.virtual_servers

        def for_checker() -> int:
            together(self._needs.of(servers))
            return self._written(1, checker_part(configuration, self._parts.of(servers)))

        of_service = self._timed(
            "handed down to the service", lambda: self._written(0, service_part(configuration))
        )
        of_checker = self._timed("handed down to the checker", for_checker)
        self._timed("the service takes it", lambda: self._serve(of_service))
        self._timed("the checker takes it", lambda: self._check(of_checker))

    def _written(self, child: int, part: Configuration) -> int:
        if self._handed[child]:
            model, self._handed[child] = changed_model(part, self._handed[child])
        else:
            model = HandedDown(part)
            self._handed[child] = model.servers({})
        return write_model(model)

    def _serve(self, descriptor: int) -> None:
        model = read_model(descriptor)
        with made_to_stay():
            self._has[0] = model.servers(self._has[0])
            servers = tuple(self._has[0].values())
            self._engine.handle(ServersConfigured(servers, LVS, model.configuration.places), NOW)

    def _check(self, descriptor: int) -> None:
        model = read_model(descriptor)
        with made_to_stay():
            self._has[1] = model.servers(self._has[1])
            self._schedule.adopt(tuple(self._has[1].values()))

    def _timed(self, step: str, call: Callable[[], T]) -> T:
        before = time.process_time()
        found = call()
        self.took[step] = time.process_time() - before
        return found


def main() -> None:
    """Prints a column a load."""
    text = site_text()
    columns = ("first", *(name for name, _ in RELOADS))
    changes = (lambda same: same, *(change for _, change in RELOADS))
    least: dict[str, dict[str, float]] = {}
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            way = _Way(Path(folder, "keepalived.conf"))
            for column, change in zip(columns, changes, strict=True):
                way.load(change(text))
                for step, took in way.took.items():
                    row = least.setdefault(step, {})
                    row[column] = min(took, row.get(column, took))
    lines = text.count("\n")
    print(f"\nthe way of a file of {lines} lines; processor time, ms, least of {RUNS}")
    print(" " * 26 + "".join(f"{name:>22}" for name in columns))
    for step, row in least.items():
        print(f"{step:26}" + "".join(f"{row[name] * 1e3:22.1f}" for name in columns))
    sums = (sum(row[name] for row in least.values()) for name in columns)
    print(f"{'all of it':26}" + "".join(f"{spent * 1e3:22.1f}" for spent in sums))

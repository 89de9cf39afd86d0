"""What ten thousand checks cost, and how punctual they are: `python -m bench --only checks`.

Knows the checker process, as its keeper has it, and a real nginx that is asked. Must not judge. The
processor time of the process is the kernel's own account (schedstat): what else runs is not in it.
keepalived beside it needs ip_vs, which a kernel of its own has (`tests/kit/uml.py`).
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from halod.daemon.checker_keeper import CheckerKeeper
from halod.daemon.configurations import Configurations
from halod.daemon.hearing import Said
from halod.daemon.logs import Log
from halod.daemon.status import Status
from halod.daemon.verdict_message import VerdictBatch
from halod.daemon.voice import Voice
from halod.kernel.clock import boot_now
from halod.lab.patience import wait_until
from halod.model.balance_event import Verdict
from halod.model.check import Check, CheckTiming, Connection, HttpCheck, HttpPage, TcpCheck
from halod.model.configuration import Configuration
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.units import Duration
from halod.model.virtual_server import RealServer, VirtualServer

__all__ = [
    "SERVERS_EACH",
    "ChecksCost",
    "Kind",
    "configuration",
    "keeper_of",
    "measure",
    "measure_checks",
    "processor_ns",
    "target",
]

SERVERS_EACH = 16
"""Real servers of a virtual one: as in the largest known file, 37,205 of 2,277."""
LOOP = Duration.seconds(5)
READY_WITHIN_S = 60.0

Kind = str
"""`tcp`, `http`, or `both` in turn."""

NGINX = """\
user root;
daemon off;
worker_processes 1;
worker_rlimit_nofile 65536;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 32768; }}
http {{
    access_log off;
    server {{
        listen 0.0.0.0:{port} backlog=16384;
        location / {{ return 200 "all is well\\n"; }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class ChecksCost:
    """One run."""

    attempt_us: float
    """Processor time of the checker an attempt, microseconds; the kernel's part is in it."""
    attempts_s: float
    """Attempts a second."""
    late_p50_ms: float
    """Half of them began at most so late."""
    late_p99_ms: float
    late_max_ms: float
    false_failures: int
    """Verdicts that called a server down: all of them serve."""
    rss_mib: float
    """Resident memory of the checker."""


@contextmanager
def target(folder: Path) -> Iterator[int]:
    """A web server on every address of loopback; its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port))
    command = ["nginx", "-e", str(folder / "error.log"), "-c", str(config)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
        try:
            assert wait_until(lambda: _listens(port), READY_WITHIN_S), "nginx does not listen"
            yield port
        finally:
            running.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def configuration(count: int, kind: Kind, port: int, loop: Duration = LOOP) -> Configuration:
    """So many real servers on as many addresses of loopback, each with one check."""
    timing = CheckTiming(delay_loop=loop, warmup=loop)
    servers: list[VirtualServer] = []
    for first in range(0, count, SERVERS_EACH):
        at = Endpoint(ip_address(0x0A000000 + first), 80)
        real_servers = tuple(
            RealServer(endpoint=to, checks=(_check(number, kind, timing, to),))
            for number in range(first, min(first + SERVERS_EACH, count))
            for to in (Endpoint(ip_address(0x7F010000 + number), port),)
        )
        servers.append(
            VirtualServer(
                name=f"{at.address} 80",
                services=(ServiceKey(4, Protocol.TCP, at),),
                real_servers=real_servers,
            )
        )
    return Configuration(virtual_servers=tuple(servers))


def _check(number: int, kind: Kind, timing: CheckTiming, to: Endpoint) -> Check:
    connection = Connection(to=to)
    if kind == "tcp" or (kind == "both" and number % 2):
        return TcpCheck(timing=timing, connection=connection)
    return HttpCheck(timing=timing, connection=connection, pages=(HttpPage(),))


def measure_checks(count: int, kind: Kind, seconds: float) -> ChecksCost:
    """Watches them for so many seconds, after each was done once."""
    with tempfile.TemporaryDirectory() as folder, target(Path(folder)) as port:
        return asyncio.run(measure(configuration(count, kind, port), count, seconds))


def keeper_of(asked: Configuration, hear: Callable[[VerdictBatch], None]) -> CheckerKeeper:
    """One that takes each batch at once."""

    def take(said: Said) -> None:
        if isinstance(said, VerdictBatch):
            hear(said)
            keeper.taken(said.number)

    status = Status(os.getpid(), "bench", boot_now())
    log = Log(console=False, detail=False, as_json=False, nowhere=True)
    keeper = CheckerKeeper(Configurations(asked), status, Voice(log, status), take)
    return keeper


def processor_ns(pid: int) -> int:
    """Nanoseconds on a processor so far."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


async def measure(asked: Configuration, count: int, seconds: float) -> ChecksCost:
    """The same inside a loop, of servers that listen already."""
    up: set[str] = set()
    failed: list[Verdict] = []

    def count_up(batch: VerdictBatch) -> None:
        up.update(each.check for each in batch.verdicts if each.up)
        failed.extend(each for each in batch.verdicts if not each.up)

    keeper = keeper_of(asked, count_up)
    keeper.adopt()
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while len(up) < count:
                await asyncio.sleep(0.1)
        assert keeper.child is not None
        pid = keeper.child.pid
        spent_ns, began = processor_ns(pid), boot_now()
        before = (await keeper.views())[1]["attempts"]
        await asyncio.sleep(seconds)
        figures = (await keeper.views())[1]
        spent_ns, span = processor_ns(pid) - spent_ns, boot_now() - began
        attempts = figures["attempts"] - before
        found = re.search(r"VmRSS:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        assert found is not None
        return ChecksCost(
            attempt_us=spent_ns / attempts / 1000,
            attempts_s=attempts / span.as_seconds(),
            late_p50_ms=figures["late_p50_s"] * 1000,
            late_p99_ms=figures["late_p99_s"] * 1000,
            late_max_ms=figures["late_max_s"] * 1000,
            false_failures=len(failed),
            rss_mib=int(found[1]) / 1024,
        )
    finally:
        await keeper.stop()

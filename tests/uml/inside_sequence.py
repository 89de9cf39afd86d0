"""Servers die and come back: both daemons make the same of it, in the kernel's table and for the
named pipe.

Played inside of user-mode-linux: see `tests/kernel/test_ipvs.py`. Each daemon runs whole, checks
included; the real servers are sockets of this process.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from halod.kernel.ipvs import Ipvs
from halod.lab.patience import wait_until
from tests.uml.lvs_files import clear

EXCHANGE = Path(os.environ["EXCHANGE"])
PIPE, FILE = EXCHANGE / "pipe", EXCHANGE / "sequence.conf"
HALOD = Path(sys.executable).with_name("halod")
WITHIN_S = 40.0
"""For what a check finds, on a machine where other tests run; alone it takes 2 s."""
LINES_WITHIN_S = 10.0
"""For what is said of a table that stands already: it goes through two more processes."""
QUIET_S = 2.0
"""After it has said nothing for so long keepalived has said all."""
SERVERS = ("10.0.1.1", "10.0.1.2", "10.0.1.3")

CHECK = "TCP_CHECK {\n connect_timeout 2\n retry 1\n delay_before_retry 1\n warmup 0\n}"
REAL = "".join(f"real_server {each} 80 {{\n weight 1\n {CHECK}\n}}\n" for each in SERVERS)
TEXT = f"""
global_defs {{
    lvs_notify_fifo {PIPE}
}}
virtual_server 10.0.0.1 80 {{
    delay_loop 1
    lvs_sched rr
    lvs_method NAT
    protocol TCP
    alpha
    quorum 2
    sorry_server 10.0.2.1 8080
    {REAL}
}}
virtual_server 10.0.0.2 80 {{
    delay_loop 1
    lvs_sched wrr
    lvs_method DR
    protocol TCP
    alpha
    inhibit_on_failure
    quorum 3
    hysteresis 1
    {REAL}
}}
"""


class Answering:
    """The real servers: listening sockets."""

    def __init__(self) -> None:
        self._sockets: dict[str, socket.socket] = {}

    def begin(self, *addresses: str) -> None:
        for address in addresses:
            self._sockets[address] = socket.create_server((address, 80), backlog=500)

    def end(self, *addresses: str) -> None:
        for address in tuple(addresses):
            self._sockets.pop(address).close()

    def swap(self, ended: str, begun: str) -> None:
        self.begin(begun)
        self.end(ended)

    def end_all(self) -> None:
        self.end(*self._sockets)


Step = tuple[str, Callable[[Answering], None], dict[str, dict[str, int]]]
ONE, TWO, THREE = SERVERS
STEPS: list[Step] = [
    (
        "all three come up",
        lambda _: None,
        {"10.0.0.1": {ONE: 1, TWO: 1, THREE: 1}, "10.0.0.2": {ONE: 1, TWO: 1, THREE: 1}},
    ),
    (
        "one dies: the first has its quorum",
        lambda servers: servers.end(ONE),
        {"10.0.0.1": {TWO: 1, THREE: 1}, "10.0.0.2": {ONE: 0, TWO: 1, THREE: 1}},
    ),
    (
        "another dies: the sorry server serves alone",
        lambda servers: servers.end(TWO),
        {"10.0.0.1": {"10.0.2.1": 1}, "10.0.0.2": {ONE: 0, TWO: 0, THREE: 1}},
    ),
    (
        "one comes back: quorum, and no sorry server",
        lambda servers: servers.begin(TWO),
        {"10.0.0.1": {TWO: 1, THREE: 1}, "10.0.0.2": {ONE: 0, TWO: 1, THREE: 1}},
    ),
    (
        "the last dies and the first comes back",
        lambda servers: servers.swap(THREE, ONE),
        {"10.0.0.1": {ONE: 1, TWO: 1}, "10.0.0.2": {ONE: 1, TWO: 1, THREE: 0}},
    ),
]


def weights(kernel: Ipvs) -> dict[str, dict[str, int]]:
    """Of each service by its address."""
    return {
        str(key.endpoint.address): {str(at.address): one.weight for at, one in destinations.items()}
        for key, destinations in kernel.observe().destinations.items()
        if key.endpoint is not None
    }


def _stands(kernel: Ipvs, wanted: dict[str, dict[str, int]]) -> bool:
    return weights(kernel) == wanted


def play(kernel: Ipvs, command: list[str], counts: list[int] | None = None) -> list[list[str]]:
    """Lines of the named pipe, step by step; each step ends when the table is as it must be.

    `counts`: of lines of each step that are waited for; None: those that come until it is quiet,
    for keepalived changes the table first, and may have to wait for the processor before it writes.
    """
    PIPE.unlink(missing_ok=True)
    os.mkfifo(PIPE)
    FILE.write_text(TEXT)
    pipe = os.open(PIPE, os.O_RDWR | os.O_NONBLOCK)
    servers = Answering()
    # Before the start: how soon a first check fails is a matter of how busy the machine is.
    servers.begin(*SERVERS)
    with (EXCHANGE / "sequence.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    said: list[list[str]] = []
    try:
        for what, act, wanted in STEPS:
            act(servers)
            is_so = partial(_stands, kernel, wanted)
            assert wait_until(is_so, WITHIN_S, 0.1), (
                f"{what}: {weights(kernel)}\n{(EXCHANGE / 'sequence.log').read_text()}"
            )
            said.append(lines_of(pipe, counts[len(said)] if counts else None))
        process.terminate()
        process.wait(WITHIN_S)
        assert weights(kernel) == {}
        return said
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        os.close(pipe)
        servers.end_all()
        clear()


def lines_of(pipe: int, least: int | None) -> list[str]:
    """What has been said, sorted: checks of several servers end in any order."""
    text = b""
    quiet_since_s = time.monotonic()

    def is_said() -> bool:
        nonlocal text, quiet_since_s
        with contextlib.suppress(BlockingIOError):
            text += os.read(pipe, 65536)
            quiet_since_s = time.monotonic()
        if least is None:
            return time.monotonic() - quiet_since_s >= QUIET_S
        return text.count(b"\n") >= least

    wait_until(is_said, LINES_WITHIN_S)
    return sorted(text.decode().splitlines())


@pytest.fixture
def kernel() -> Iterator[Ipvs]:
    for address in ("10.0.0.1", "10.0.0.2", *SERVERS):
        subprocess.run(["ip", "addr", "replace", f"{address}/32", "dev", "lo"], check=True)
    opened = Ipvs()
    yield opened
    opened.close()


@pytest.mark.timeout(200)
def test_both_tell_the_same_and_leave_the_same_table(kernel: Ipvs) -> None:
    by_keepalived = play(kernel, ["keepalived", "-n", "-l", "-D", "-f", str(FILE)])
    counts = [len(lines) for lines in by_keepalived]
    by_halod = play(kernel, [str(HALOD), "-n", "-l", "-D", "-f", str(FILE)], counts)
    assert by_halod == by_keepalived

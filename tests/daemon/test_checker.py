"""The checker process as its keeper has it: verdicts, views, reload, suspension, death, rights."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from halod.daemon.checker_keeper import CheckerKeeper
from halod.daemon.checker_needs import CheckerNeeds, needs_of
from halod.daemon.configurations import Configurations
from halod.daemon.hearing import Fact, Nonsense, Reloaded, Said, Trouble
from halod.daemon.logs import Log
from halod.daemon.status import Status
from halod.daemon.verdict_message import VerdictBatch
from halod.daemon.voice import Voice
from halod.kernel.checker_setup import CAP_NET_ADMIN, CAP_NET_RAW
from halod.kernel.clock import boot_now
from halod.model.balance_event import Verdict
from halod.model.check import (
    Check,
    CheckTiming,
    Connection,
    HttpCheck,
    HttpPage,
    PingCheck,
    TcpCheck,
    TlsIdentity,
)
from halod.model.configuration import Configuration
from halod.model.units import Duration
from halod.model.virtual_server import RealServer
from tests.checker.peers import peer as web_server
from tests.checker.peers import says
from tests.kit.mail_server import make_certificate
from tests.kit.servers import endpoint, misc_check, virtual_server

LOOP = Duration.milliseconds(50)
FAST = CheckTiming(delay_loop=LOOP, delay_before_retry=LOOP, warmup=LOOP)
WITHIN_S = 30.0
NAME = "10.0.0.1 80 tcp [127.0.0.1]:80 "


class Stage:
    """A keeper in a loop, and what it heard."""

    def __init__(self, configuration: Configuration) -> None:
        self.configurations = Configurations(configuration)
        self.status = Status(os.getpid(), "test.conf", boot_now())
        self.verdicts: list[Verdict] = []
        self.said: list[Said] = []
        self.takes = True
        log = Log(console=False, detail=False, as_json=False, nowhere=True)
        self.keeper = CheckerKeeper(
            self.configurations, self.status, Voice(log, self.status), self.hear
        )

    def hear(self, said: Said) -> None:
        self.said.append(said)
        if isinstance(said, VerdictBatch):
            self.verdicts += said.verdicts
            if self.takes:
                self.keeper.taken(said.number)

    @property
    def pid(self) -> int:
        assert self.keeper.child is not None
        return self.keeper.child.pid

    async def until(self, question: Callable[[], object]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not question():
                await asyncio.sleep(0.01)

    async def all_views(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Whatever a busy machine takes for them."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                checks, figures = await self.keeper.views()
                if figures and len(checks) == figures["checks"]:
                    return checks, figures

    async def runs(self) -> dict[str, int]:
        checks, _ = await self.all_views()
        return {each["name"]: each["runs"] for each in checks}

    async def until_run(self, name: str, times: int) -> None:
        async with asyncio.timeout(WITHIN_S):
            while (await self.runs()).get(name, 0) < times:
                await asyncio.sleep(0.02)

    def reload(self, configuration: Configuration) -> None:
        self.configurations.running = configuration
        self.configurations.generation += 1
        self.keeper.adopt()


@asynccontextmanager
async def staged(configuration: Configuration) -> AsyncIterator[Stage]:
    stage = Stage(configuration)
    stage.keeper.adopt()
    try:
        yield stage
    finally:
        await stage.keeper.stop()
    assert not [each for each in stage.said if isinstance(each, Nonsense)]


def played(play: Callable[[], Coroutine[None, None, None]]) -> Callable[[], None]:
    """A test that is a coroutine."""

    def test() -> None:
        asyncio.run(play())

    test.__name__, test.__doc__ = play.__name__, play.__doc__
    return test


def tcp(port: int, timing: CheckTiming = FAST) -> TcpCheck:
    return TcpCheck(timing=timing, connection=Connection(to=endpoint("127.0.0.1", port)))


def configured(*checks: Check) -> Configuration:
    real = RealServer(endpoint=endpoint("127.0.0.1", 80), checks=checks)
    return Configuration(virtual_servers=(virtual_server("10.0.0.1", real),))


def listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=1024)


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


@played
async def test_verdicts_come_up_one_batch_at_a_time() -> None:
    with listener() as server:
        port = port_of(server)
        async with staged(configured(tcp(port), tcp(1))) as stage:
            await stage.until(lambda: len(stage.verdicts) == 2)
            assert {each.check: each.up for each in stage.verdicts} == {
                f"{NAME}0": True,
                f"{NAME}1": False,
            }
            # Not taken: the next one waits.
            stage.takes = False
            batches = len(stage.said)
            server.close()
            await stage.until(lambda: len(stage.verdicts) == 3)
            with socket.create_server(("127.0.0.1", port), backlog=1024):
                before = (await stage.runs())[f"{NAME}0"]
                await stage.until_run(f"{NAME}0", before + 3)
                assert len(stage.verdicts) == 3
                last = stage.said[-1]
                assert len(stage.said) > batches
                assert isinstance(last, VerdictBatch)
                stage.takes = True
                stage.keeper.taken(last.number)
                await stage.until(lambda: len(stage.verdicts) == 4)
    assert [each.up for each in stage.verdicts[2:]] == [False, True]


@played
async def test_a_new_service_is_told_everything_again() -> None:
    with listener() as server:
        async with staged(configured(tcp(port_of(server)))) as stage:
            await stage.until(lambda: len(stage.verdicts) == 1)
            stage.keeper.retell()
            await stage.until(lambda: len(stage.verdicts) == 2)
    assert stage.verdicts[0] == stage.verdicts[1]


@played
async def test_a_checker_that_dies_is_replaced_and_goes_on() -> None:
    with listener() as server:
        async with staged(configured(tcp(port_of(server)))) as stage:
            await stage.until(lambda: len(stage.verdicts) == 1)
            first = stage.pid
            os.kill(first, signal.SIGKILL)
            await stage.until(lambda: stage.keeper.child is not None and stage.pid != first)
            await stage.until_run(f"{NAME}0", 2)
            # It is what it was: nobody is told.
            assert len(stage.verdicts) == 1
            assert stage.status.checker.restarts == 1
            stage.keeper.retell()
            await stage.until(lambda: len(stage.verdicts) == 2)


@played
async def test_a_checker_comes_and_goes_with_what_is_to_be_asked() -> None:
    with listener() as server:
        nothing = Configuration()
        programs = configured(misc_check("/bin/true"))
        asked = configured(tcp(port_of(server)))
        async with staged(nothing) as stage:
            assert stage.keeper.child is None
            stage.reload(programs)
            assert stage.keeper.child is None
            stage.reload(asked)
            await stage.until(lambda: len(stage.verdicts) == 1)
            pid = stage.pid
            stage.reload(configured(tcp(port_of(server)), tcp(1)))
            await stage.until(lambda: len(stage.verdicts) == 2)
            assert stage.pid == pid
            stage.reload(programs)
            await stage.until(lambda: stage.keeper.child is None)
            assert stage.status.checker.pid is None
            assert stage.status.checker.down == ""


@played
async def test_suspended_servers_are_left_alone() -> None:
    with listener() as server:
        async with staged(configured(tcp(port_of(server)))) as stage:
            await stage.until(lambda: len(stage.verdicts) == 1)
            stage.keeper.suspend(["10.0.0.1 80 tcp"])
            checks, figures = await stage.all_views()
            assert [each["suspended"] for each in checks] == [True]
            assert figures["checks"] == 1
            # A new one is told, too.
            first = stage.pid
            os.kill(first, signal.SIGKILL)
            await stage.until(lambda: stage.keeper.child is not None and stage.pid != first)
            checks, _ = await stage.all_views()
            assert [each["suspended"] for each in checks] == [True]
            stage.keeper.suspend([])
            await stage.until_run(f"{NAME}0", 1)


@played
async def test_many_checks_are_shown_page_by_page() -> None:
    late = replace(FAST, warmup=Duration.seconds(1000))
    real = tuple(
        RealServer(endpoint=endpoint("127.0.0.1", port), checks=(tcp(1, late),))
        for port in range(1, 701)
    )
    configuration = Configuration(virtual_servers=(virtual_server("10.0.0.1", *real),))
    async with staged(configuration) as stage:
        checks, figures = await stage.all_views()
    names = [f"10.0.0.1 80 tcp [127.0.0.1]:{port} 0" for port in range(1, 701)]
    assert [each["name"] for each in checks] == names
    assert figures["checks"] == 700


@played
async def test_a_reload_hands_down_what_changed_and_keeps_the_order() -> None:
    late = replace(FAST, warmup=Duration.seconds(1000))

    def with_ports(**ports: int) -> Configuration:
        servers = tuple(
            replace(configured(tcp(port, late)).virtual_servers[0], name=name)
            for name, port in ports.items()
        )
        return Configuration(virtual_servers=servers)

    async def shown(stage: Stage) -> list[str]:
        checks, _ = await stage.all_views()
        return [each["name"].split()[0] for each in checks]

    with listener() as server:
        async with staged(with_ports(a=1, b=2, c=3)) as stage:
            assert await shown(stage) == ["a", "b", "c"]
            pid = stage.pid
            stage.reload(with_ports(c=3, d=4, a=5))
            await stage.until(lambda: Reloaded(2) in stage.said)
            assert await shown(stage) == ["c", "d", "a"]
            # What was handed down last goes on being known.
            stage.reload(with_ports(c=3, d=4, a=5, b=2))
            await stage.until(lambda: Reloaded(3) in stage.said)
            assert await shown(stage) == ["c", "d", "a", "b"]
            real = RealServer(endpoint=endpoint("127.0.0.1"), checks=(tcp(port_of(server)),))
            fast = replace(virtual_server("10.0.0.1", real), name="d")
            others = with_ports(c=3, a=5).virtual_servers
            stage.reload(Configuration(virtual_servers=(*others, fast)))
            await stage.until(lambda: stage.verdicts)
            assert await shown(stage) == ["c", "a", "d"]
            assert stage.pid == pid


# ---- rights ------------------------------------------------------------------------------------


def status_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


@pytest.mark.needs_netns
@pytest.mark.parametrize(
    ("check", "capabilities"),
    [
        (tcp(1), 0),
        (replace(tcp(1), connection=replace(tcp(1).connection, mark=3)), 1 << CAP_NET_ADMIN),
        (PingCheck(timing=FAST, connection=Connection(to=endpoint("127.0.0.1"))), 1 << CAP_NET_RAW),
    ],
)
def test_it_has_no_rights_but_those_that_its_checks_take(check: Check, capabilities: int) -> None:
    async def play() -> None:
        async with staged(configured(check)) as stage:
            await stage.until(lambda: stage.verdicts)
            assert [stage.verdicts[0].up] == [not isinstance(check, TcpCheck)], stage.verdicts
            found = status_of(stage.pid)
        assert found["Uid"].split() == ["65534"] * 4
        assert found["Gid"].split() == ["65534"] * 4
        assert found["Groups"] == ""
        assert found["NoNewPrivs"] == "1"
        for kind in ("CapPrm", "CapEff", "CapBnd"):
            assert int(found[kind], 16) == capabilities, kind
        assert int(found["CapInh"], 16) == int(found["CapAmb"], 16) == 0

    if os.geteuid() != 0:
        pytest.skip("there are no rights to give away")
    asyncio.run(play())


def test_a_key_that_root_alone_may_read(tmp_path: Path) -> None:
    """It is read before root's rights go; a reload that names another one brings a new process."""
    answer = b"HTTP/1.1 200 OK\r\n\r\n"

    async def play() -> None:
        first, second = (make_certificate(tmp_path / name) for name in ("first", "second"))
        with web_server(says(answer), first.context()) as port:

            def trusting(ca: Path, key: Path) -> HttpCheck:
                identity = TlsIdentity(ca=str(ca), certificate=str(ca), key=str(key))
                return HttpCheck(
                    timing=FAST,
                    connection=Connection(to=endpoint("127.0.0.1", port)),
                    pages=(HttpPage(),),
                    tls=True,
                    identity=identity,
                )

            async with staged(configured(trusting(first.file, first.key))) as stage:
                await stage.until(lambda: stage.verdicts)
                assert stage.verdicts[-1].up, stage.verdicts
                pid = stage.pid
                stage.reload(configured(trusting(second.file, second.key)))
                await stage.until(lambda: len(stage.verdicts) == 2)
                assert stage.pid != pid
                assert stage.status.checker.restarts == 0
                assert not stage.verdicts[-1].up
                assert "certificate does not hold" in stage.verdicts[-1].detail
                told = [each for each in stage.said if isinstance(each, Fact | Trouble)]
                assert not [each for each in told if each.text], told

    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o700)
    asyncio.run(play())


def test_needs_are_those_of_the_file() -> None:
    assert needs_of(configured(misc_check("/bin/true")).virtual_servers) == CheckerNeeds()
    low = replace(tcp(1), connection=replace(tcp(1).connection, source_port=20))
    assert needs_of(configured(tcp(1), low).virtual_servers) == CheckerNeeds(low_ports=True)
    page = HttpCheck(timing=FAST, connection=tcp(1).connection, pages=(HttpPage(),), version="2")
    assert needs_of(configured(page).virtual_servers) == CheckerNeeds(http2=frozenset({None}))

"""The schedule with real sockets and the real clock: who is asked when, and what is told."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from halod.balance.health import Outcome
from halod.checker.reactor import EVENTS_MAX, Reactor
from halod.checker.schedule import Schedule
from halod.model.balance_event import Verdict
from halod.model.check import CheckTiming, FileCheck, PingCheck, TcpCheck
from halod.model.track_file import VrrpTrackFile
from halod.model.units import ZERO, Duration
from halod.model.virtual_server import RealServer, VirtualServer
from tests.checker.peers import SHORT, to
from tests.kit.servers import endpoint, virtual_server

LOOP = Duration.milliseconds(20)
FAST = CheckTiming(delay_loop=LOOP, delay_before_retry=LOOP, warmup=LOOP)
WITHIN_S = 20.0


class Stage:
    """A schedule, what it told, and a server that comes and goes."""

    def __init__(self, under_way_max: int = 100) -> None:
        self.reactor = Reactor()
        self.told: list[Outcome] = []
        self.schedule = Schedule(self.reactor, lambda: 0.5, self.told.append, under_way_max)
        self.listener: socket.socket | None = None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]

    def listen(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=1024)

    def shut(self) -> None:
        assert self.listener is not None
        self.listener.close()
        self.listener = None

    def run_until(self, question: Callable[[], bool]) -> None:
        """Fails where that does not come true in time."""
        until = self.reactor.clock() + int(WITHIN_S * 1e9)
        while not question():
            assert self.reactor.clock() < until, self.schedule.view(0, 10)
            self.reactor.turn(0.05)

    def run_for(self, span: Duration) -> None:
        until = self.reactor.clock() + span.ns
        while self.reactor.clock() < until:
            self.reactor.turn(0.005)

    @property
    def verdicts(self) -> list[Verdict]:
        return [each.verdict for each in self.told if each.verdict is not None]

    def runs(self) -> list[int]:
        return [each["runs"] for each in self.schedule.view(0, 100)]

    def close(self) -> None:
        self.schedule.close()
        if self.listener is not None:
            self.listener.close()
        self.reactor.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.close()


def server(port: int, timing: CheckTiming = FAST, host: str = "127.0.0.1") -> VirtualServer:
    check = TcpCheck(timing=timing, connection=to(port, host=host))
    return virtual_server("10.0.0.1", RealServer(endpoint=endpoint(host, port), checks=(check,)))


def test_a_server_that_comes_and_goes(stage: Stage) -> None:
    stage.listen()
    stage.schedule.adopt([server(stage.port)])
    stage.run_until(lambda: len(stage.verdicts) == 1)
    stage.shut()
    stage.run_until(lambda: len(stage.verdicts) == 2)
    stage.listen()
    stage.run_until(lambda: len(stage.verdicts) == 3)
    up, down, again = stage.verdicts
    name = f"10.0.0.1 80 tcp [127.0.0.1]:{stage.port} 0"
    assert {up.check, down.check, again.check} == {name}
    assert (up.up, down.up, again.up) == (True, False, True)
    assert up.detail.startswith("connection taken, after ")
    assert down.detail.startswith("connection refused, after ")
    assert down.detail.endswith(", 2 times in a row")


def test_the_loop_is_kept(stage: Stage) -> None:
    stage.listen()
    stage.schedule.adopt([server(stage.port)])
    began = stage.reactor.clock()
    stage.run_until(lambda: stage.runs() == [20])
    took_ns = stage.reactor.clock() - began
    # The first one half a loop after the start, and 19 loops.
    assert took_ns >= 19 * LOOP.ns


def test_what_was_known_goes_on(stage: Stage) -> None:
    stage.schedule.adopt(
        [server(stage.port)], {f"10.0.0.1 80 tcp [127.0.0.1]:{stage.port} 0": False}
    )
    stage.run_until(lambda: stage.runs() == [3])
    assert stage.verdicts == []
    stage.listen()
    stage.run_until(lambda: [each.up for each in stage.verdicts] == [True])


def test_a_reload_leaves_alone_what_did_not_change(stage: Stage) -> None:
    stage.listen()
    quiet = replace(FAST, warmup=Duration.seconds(1000))
    first = server(stage.port)
    # Another virtual server with the same real one: it has checks of its own.
    second = replace(server(stage.port, quiet), name="10.0.0.2 80")
    stage.schedule.adopt([first])
    stage.run_until(lambda: stage.runs() == [2])
    stage.schedule.adopt([second, first])
    assert stage.runs() == [0, 2]
    # Other times for the same question: what is known of it stays.
    slower = server(stage.port, replace(FAST, delay_loop=Duration.milliseconds(25)))
    stage.schedule.adopt([slower])
    assert stage.runs() == [2]
    stage.run_until(lambda: stage.runs() == [5])
    assert len(stage.verdicts) == 1
    # Another question is another check.
    stage.schedule.adopt([server(stage.port, host="127.0.0.2")])
    assert stage.runs() == [0]
    stage.schedule.adopt([])
    assert stage.runs() == []
    stage.run_for(LOOP * 3)
    assert len(stage.verdicts) == 1


def test_suspended_servers_are_left_alone(stage: Stage) -> None:
    stage.listen()
    stage.schedule.adopt([server(stage.port)])
    stage.run_until(lambda: stage.runs() == [1])
    stage.schedule.suspend({"10.0.0.1 80 tcp"})
    stage.run_for(LOOP * 4)
    assert stage.runs() == [1]
    assert stage.schedule.view(0, 1)[0]["suspended"]
    stage.schedule.suspend(())
    stage.run_until(lambda: stage.runs() == [4])
    assert len(stage.verdicts) == 1


def test_attempts_wait_for_one_another_where_there_are_too_many() -> None:
    """Three servers that do not answer, one place: each has its turn."""
    stage = Stage(under_way_max=1)
    silent = [server(9, replace(FAST, warmup=ZERO), host="127.0.0.1") for _ in range(3)]
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(8)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        check = TcpCheck(timing=FAST, connection=to(port, timeout=SHORT))
        servers = [
            replace(
                each,
                name=f"10.0.0.{number} 80",
                real_servers=(RealServer(endpoint=endpoint("127.0.0.1", port), checks=(check,)),),
            )
            for number, each in enumerate(silent)
        ]
        stage.schedule.adopt(servers)
        stage.run_until(lambda: min(stage.runs()) >= 1)
        assert stage.schedule.crowded >= 2
        assert stage.schedule.figures()["under_way"] <= 1
        for filler in fillers:
            filler.close()
    stage.close()


def test_what_cannot_be_asked_says_nothing_of_the_server(stage: Stage) -> None:
    here = to(stage.port)
    check = TcpCheck(timing=FAST, connection=replace(here, interface="none0"))
    real = RealServer(endpoint=here.to, checks=(check,))
    stage.schedule.adopt([virtual_server("10.0.0.1", real)])
    stage.run_until(lambda: stage.runs() == [3])
    assert stage.verdicts == []
    assert "bind_if none0: no such device" in stage.schedule.trouble
    real = RealServer(endpoint=here.to, checks=(replace(check, connection=here),))
    stage.schedule.adopt([virtual_server("10.0.0.1", real)])
    assert stage.schedule.trouble == ""


def test_programs_and_files_are_the_runners(stage: Stage) -> None:
    checks = (
        FileCheck(timing=FAST, source=VrrpTrackFile(name="a", path="/run/a")),
        PingCheck(timing=replace(FAST, warmup=Duration.seconds(1000)), connection=to(0)),
    )
    real = RealServer(endpoint=endpoint("127.0.0.1"), checks=checks)
    stage.schedule.adopt([virtual_server("10.0.0.1", real)])
    assert list(stage.schedule.names) == ["10.0.0.1 80 tcp [127.0.0.1]:80 1"]


def test_what_had_come_before_its_deadline_counts(stage: Stage) -> None:
    """A process that gets no processor for a while is late, not the server: all these connections
    stand at once, and are looked at long after their deadline, some of them in a second turn."""
    count = EVENTS_MAX + 50
    with socket.create_server(("127.0.0.1", 0), backlog=count) as server:
        port = server.getsockname()[1]
        check = TcpCheck(
            timing=replace(FAST, warmup=ZERO, delay_loop=Duration.seconds(1000)),
            connection=to(port, timeout=Duration.milliseconds(1)),
        )
        hosts = [endpoint(f"127.0.1.{number % 250}", number + 1) for number in range(count)]
        real = [RealServer(endpoint=each, checks=(check,)) for each in hosts]
        stage.schedule.adopt([virtual_server("10.0.0.1", *real)])
        stage.run_until(lambda: len(stage.verdicts) == count)
    assert all(each.up for each in stage.verdicts), stage.verdicts[-1]

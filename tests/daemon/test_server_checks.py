"""MISC_CHECK and FILE_CHECK as the runner does them: real programs, real files."""

import asyncio
import os
import pwd
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from halod.daemon.channel import Message
from halod.daemon.server_checks import ServerChecks
from halod.daemon.verdict_message import taken_message, verdicts_in
from halod.model.balance_event import Verdict
from halod.model.check import Check, CheckTiming, FileCheck, MiscCheck
from halod.model.command import Command
from halod.model.track_file import VrrpTrackFile
from halod.model.units import Duration
from halod.model.virtual_server import RealServer, VirtualServer
from tests.kit.servers import endpoint, virtual_server

US = pwd.getpwuid(os.geteuid()).pw_name
LOOP = Duration.milliseconds(30)
FAST = CheckTiming(delay_loop=LOOP, delay_before_retry=LOOP, warmup=LOOP, retry=0)
WITHIN_S = 30.0
TITLE = "10.0.0.1 80 tcp"
NAME = f"{TITLE} [10.0.0.9]:80 "


class Stage:
    """The checks in a loop, and what they said."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.verdicts: list[Verdict] = []
        self.troubles: dict[str, str] = {}
        self.checks = ServerChecks(self._say, self._start, self.troubles.__setitem__)

    def _say(self, message: Message) -> None:
        self.messages.append(message)
        batch = verdicts_in(message)
        if batch is not None:
            self.verdicts += batch.verdicts
            loop = asyncio.get_running_loop()
            loop.call_soon(self.checks.heed, taken_message(batch.number))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(work)

    async def until(self, question: Callable[[], object]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not question():
                await asyncio.sleep(0.005)


def run(play: Callable[[Stage], Coroutine[Any, Any, None]]) -> Stage:
    stages: list[Stage] = []

    async def live() -> None:
        stage = Stage()
        stages.append(stage)
        try:
            await play(stage)
        finally:
            await stage.checks.stop()

    asyncio.run(live())
    return stages[0]


def servers(*checks: Check) -> list[VirtualServer]:
    return [virtual_server("10.0.0.1", RealServer(endpoint=endpoint("10.0.0.9"), checks=checks))]


def misc(line: str, **more: object) -> MiscCheck:
    command = Command(("/bin/sh", "-c", line), user=US)
    return replace(MiscCheck(timing=FAST, command=command), **more)  # type: ignore[arg-type]


def counter(folder: Path, name: str = "runs") -> tuple[str, Callable[[], int]]:
    """A line that counts its runs, and the count."""
    file = folder / name
    file.write_text("")
    return f"echo >> {file}", lambda: file.read_text().count("\n")


def test_a_program_that_succeeds_and_then_fails(tmp_path: Path) -> None:
    flag = tmp_path / "well"
    flag.write_text("")

    async def play(stage: Stage) -> None:
        stage.checks.adopt(servers(misc(f"test -e {flag}")))
        await stage.until(lambda: len(stage.verdicts) == 1)
        flag.unlink()
        await stage.until(lambda: len(stage.verdicts) == 2)

    up, down = run(play).verdicts
    assert (up.check, up.up, up.weight) == (f"{NAME}0", True, None)
    assert (down.check, down.up) == (f"{NAME}0", False)
    assert down.detail.startswith("exit 1, wanted exit 0, after 0.")


@pytest.mark.parametrize(
    ("status", "up", "weight"), [(0, True, None), (1, False, None), (2, True, 0), (255, True, 253)]
)
def test_a_status_that_is_a_weight(status: int, up: bool, weight: int | None) -> None:
    async def play(stage: Stage) -> None:
        stage.checks.adopt(servers(misc(f"exit {status}", dynamic=True)))
        await stage.until(lambda: stage.verdicts)

    (verdict,) = run(play).verdicts
    assert (verdict.up, verdict.weight) == (up, weight)


def test_a_program_that_takes_too_long() -> None:
    async def play(stage: Stage) -> None:
        slow = misc("sleep 1000", limit=Duration.milliseconds(100))
        stage.checks.adopt(servers(slow))
        await stage.until(lambda: stage.verdicts)

    (verdict,) = run(play).verdicts
    assert verdict.detail.startswith("timed out after 0.100 s, wanted exit 0, after ")


def test_a_program_of_nobody() -> None:
    async def play(stage: Stage) -> None:
        command = Command(("/bin/true",), user="no-such-user")
        stage.checks.adopt(servers(MiscCheck(timing=FAST, command=command)))
        await stage.until(lambda: stage.verdicts)

    (verdict,) = run(play).verdicts
    assert not verdict.up
    assert "there is no user no-such-user" in verdict.detail


def test_a_reload_leaves_alone_what_did_not_change(tmp_path: Path) -> None:
    line, count = counter(tmp_path)

    async def play(stage: Stage) -> None:
        late = replace(FAST, delay_loop=Duration.seconds(1000))
        stage.checks.adopt(servers(misc(line, timing=late)))
        await stage.until(lambda: count() == 1)
        await stage.until(lambda: stage.verdicts)
        stage.checks.adopt(servers(misc(line, timing=late), misc("exit 1")))
        await stage.until(lambda: len(stage.verdicts) == 2)
        assert count() == 1
        # At other times: it does not wait out the old loop, and nobody is told again.
        stage.checks.adopt(servers(misc(line)))
        await stage.until(lambda: count() >= 3)
        stage.checks.adopt([])

    assert [each.up for each in run(play).verdicts] == [True, False]


def test_suspended_servers_are_left_alone(tmp_path: Path) -> None:
    line, count = counter(tmp_path)
    other_line, other_count = counter(tmp_path, "others")

    async def play(stage: Stage) -> None:
        other = replace(servers(misc(other_line))[0], name="10.0.0.2 80")
        stage.checks.adopt([*servers(misc(line)), other])
        await stage.until(lambda: count() >= 2)
        assert stage.checks.heed({"type": "suspend", "virtual_servers": [TITLE]})
        before, others = count(), other_count()
        await stage.until(lambda: other_count() >= others + 5)
        # The one that was being started may have come to its end.
        assert count() <= before + 1
        assert stage.checks.heed({"type": "suspend", "virtual_servers": []})
        await stage.until(lambda: count() >= before + 3)

    assert len(run(play).verdicts) == 2


def test_what_was_known_is_told_only_to_who_asks(tmp_path: Path) -> None:
    line, count = counter(tmp_path)

    async def play(stage: Stage) -> None:
        known = Verdict(f"{NAME}0", up=True, detail="as before")
        stage.checks.adopt(servers(misc(line)), [known])
        await stage.until(lambda: count() >= 3)
        assert stage.verdicts == []
        assert stage.checks.heed({"type": "retell"})
        await stage.until(lambda: stage.verdicts)
        assert stage.verdicts == [known]

    run(play)


def test_a_number_in_a_file_moves_the_weight(tmp_path: Path) -> None:
    path = tmp_path / "load"
    source = VrrpTrackFile(name="load", path=str(path), init_value=3)

    async def play(stage: Stage) -> None:
        moved = FileCheck(timing=FAST, source=source, weight=-2)
        stage.checks.adopt(servers(moved, replace(moved, weight=0)))
        await stage.until(lambda: len(stage.verdicts) == 2)
        assert path.read_text() == "3\n"
        path.write_text("0")
        await stage.until(lambda: len(stage.verdicts) == 4)

    told = {(each.check[-1], each.up, each.weight) for each in run(play).verdicts}
    assert told == {("0", True, -6), ("1", False, None), ("0", True, 0), ("1", True, None)}

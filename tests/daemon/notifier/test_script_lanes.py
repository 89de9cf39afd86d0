"""Notify scripts: those of one instance in their order, others beside them, none for ever."""

import asyncio
import os
import time
from pathlib import Path

from halod.daemon.notifier.script_lanes import ScriptLanes
from halod.model.command import Command
from halod.model.fact import Severity
from halod.model.units import Duration
from halod.telling.lane import WAITING_MAX
from tests.daemon.notifier.ground import Ground, play, script, until


def lanes(ground: Ground) -> ScriptLanes:
    return ScriptLanes(ground.resolve, ground.tell)


def test_scripts_of_one_instance_run_in_order_each_to_its_end(tmp_path: Path) -> None:
    """keepalived starts them together, and the shorter one is the last word of the longer one."""
    out = tmp_path / "out"
    path = script(tmp_path, "n.sh", f'sleep "$1"; echo "$2" >> {out}')
    ground = Ground()

    async def scene() -> None:
        all_ = lanes(ground)
        for wait, word in (("0.3", "first"), ("0.1", "second"), ("0", "third")):
            all_.add("VI_1", Command((path, wait, word)))
        await until(lambda: all_.figures()["runs"] == 3 and not all_.figures()["running"])

    play(scene)
    assert out.read_text().split() == ["first", "second", "third"]
    assert ground.told == []


def test_different_instances_do_not_wait_for_each_other(tmp_path: Path) -> None:
    out = tmp_path / "out"
    path = script(tmp_path, "n.sh", f'echo "$1" >> {out}; read -r _ < {tmp_path}/gate')
    ground = Ground()

    async def scene() -> None:
        os.mkfifo(tmp_path / "gate")
        gate = os.open(tmp_path / "gate", os.O_RDWR)
        all_ = lanes(ground)
        for name in ("VI_1", "VI_2", "VI_3"):
            all_.add(name, Command((path, name)))
        await until(lambda: out.exists() and len(out.read_text().split()) == 3)
        assert all_.figures()["running"] == 3
        os.write(gate, b"\n\n\n")
        await until(lambda: all_.figures()["running"] == 0)
        os.close(gate)

    play(scene)
    assert sorted(out.read_text().split()) == ["VI_1", "VI_2", "VI_3"]


def test_a_script_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    out = tmp_path / "out"
    hangs = script(tmp_path, "hang.sh", "sleep 600 & sleep 600")
    after = script(tmp_path, "after.sh", f"echo after >> {out}")
    ground = Ground()

    async def scene() -> None:
        all_ = lanes(ground)
        all_.limit = Duration.milliseconds(200)
        all_.add("VI_1", Command((hangs,)))
        all_.add("VI_1", Command((after,)))
        await until(lambda: out.exists() and not all_.figures()["running"])

    play(scene)
    assert ground.told == [
        (Severity.WARNING, f"(VI_1) notify script {hangs}: timed out after 0.200 s")
    ]


def test_a_failure_is_told_without_the_arguments(tmp_path: Path) -> None:
    path = script(tmp_path, "n.sh", "exit 3")
    ground = Ground()

    async def scene() -> None:
        all_ = lanes(ground)
        all_.add("VI_1", Command((path, "--token", "hunter2")))
        await until(lambda: all_.figures()["failed"] == 1)
        assert all_.figures()["last_failure"] == f"(VI_1) notify script {path}: exit 3"

    play(scene)
    assert ground.told == [(Severity.WARNING, f"(VI_1) notify script {path}: exit 3")]


def test_a_script_that_must_not_run_does_not_hold_up_the_next(tmp_path: Path) -> None:
    out = tmp_path / "out"
    good = script(tmp_path, "good.sh", f"echo good >> {out}")
    ground = Ground(refused={"/bad.sh": "others can write to it"})

    async def scene() -> None:
        all_ = lanes(ground)
        all_.add("VI_1", Command(("/bad.sh",)))
        all_.add("VI_1", Command((good,)))
        await until(lambda: out.exists() and all_.figures()["running"] == 0)

    play(scene)
    text = "(VI_1) notify script /bad.sh is not run: others can write to it"
    assert ground.told == [(Severity.WARNING, text)]


def test_too_many_that_wait_are_told_and_the_newest_are_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    hangs = script(tmp_path, "hang.sh", f"while [ ! -e {tmp_path}/go ]; do sleep 0.02; done")
    notes = script(tmp_path, "note.sh", f'echo "$1" >> {out}')
    ground = Ground()

    async def scene() -> None:
        all_ = lanes(ground)
        all_.add("VI_1", Command((hangs,)))
        await until(lambda: all_.figures()["runs"] == 1)
        for number in range(WAITING_MAX + 2):
            all_.add("VI_1", Command((notes, str(number))))
        assert all_.figures()["lost"] == 2
        (tmp_path / "go").touch()
        await until(lambda: all_.figures()["running"] == 0, 60)

    play(scene)
    assert out.read_text().split() == [str(number) for number in range(2, WAITING_MAX + 2)]
    text = f"(VI_1) too many notify scripts wait: {notes} is not run"
    assert ground.told == [(Severity.ERROR, text)] * 2


def test_the_stop_lets_the_last_scripts_run(tmp_path: Path) -> None:
    out = tmp_path / "out"
    path = script(tmp_path, "n.sh", f'sleep 0.1; echo "$1" >> {out}')
    ground = Ground()

    async def scene() -> None:
        all_ = lanes(ground)
        for word in ("stop", "any"):
            all_.add("VI_1", Command((path, word)))
        await all_.stop(10.0)

    play(scene)
    assert out.read_text().split() == ["stop", "any"]


def test_the_stop_ends_what_takes_too_long_and_tells_it(tmp_path: Path) -> None:
    hangs = script(tmp_path, "hang.sh", "sleep 600")
    ground = Ground()

    async def scene() -> None:
        all_ = lanes(ground)
        for _ in range(2):
            all_.add("VI_1", Command((hangs,)))
        begun = time.monotonic()
        await all_.stop(0.2)
        assert time.monotonic() - begun < 5
        assert all_.figures()["running"] == 0
        assert len(asyncio.all_tasks()) == 1

    play(scene)
    assert ground.told == [
        (Severity.ERROR, f"(VI_1) notify script {hangs} not run: stopped"),
        (Severity.WARNING, f"(VI_1) notify script {hangs} ended: halod stops"),
    ]

"""Named pipes with the programs that read them."""

import os
from pathlib import Path

from halod.daemon.notifier.pipes import Pipes
from halod.model.command import Command
from halod.model.notify_policy import Fifo
from tests.daemon.notifier.ground import Ground, play, script, until

LINE = b'INSTANCE "VI_1" MASTER 150\n'
FILLING = b"x" * 4095 + b"\n"


def pipes(ground: Ground) -> Pipes:
    return Pipes(ground.resolve, ground.account, ground.tell, ground.trouble)


def reader(folder: Path, out: Path) -> str:
    """A program as operators write them: it reads for ever."""
    return script(
        folder,
        "reader.sh",
        f'echo "$*" >> {out}.args; while read -r line; do echo "$line" >> {out}; done < "$2"',
    )


def test_the_program_gets_the_path_behind_its_own_arguments_and_the_last_line(
    tmp_path: Path,
) -> None:
    out, path = tmp_path / "out", str(tmp_path / "fifo")
    program = reader(tmp_path, out)
    ground = Ground()

    async def scene() -> None:
        all_ = pipes(ground)
        all_.adopt((Fifo(path=path, script=Command((program, "one"))),))
        for _ in range(100):
            all_.write(LINE, {path})
        await all_.stop()

    play(scene)
    assert Path(f"{out}.args").read_text() == f"one {path}\n"
    assert out.read_bytes() == LINE * 100
    assert not os.path.exists(path)
    assert ground.told == []


def test_a_program_that_ends_is_started_again_and_told(tmp_path: Path) -> None:
    out, path = tmp_path / "out", str(tmp_path / "fifo")
    program = script(tmp_path, "once.sh", f'read -r line < "$1"; echo "$line" >> {out}; exit 7')
    ground = Ground()

    async def scene() -> None:
        all_ = pipes(ground)
        all_.adopt((Fifo(path=path, script=Command((program,))),))
        all_.write(b"first\n", {path})
        await until(lambda: bool(ground.told))
        all_.write(b"second\n", {path})
        await until(lambda: out.exists() and len(out.read_text().split()) == 2)
        await all_.stop()

    play(scene)
    assert out.read_text().split() == ["first", "second"]
    assert "ended (exit 7): started again in 1 s" in ground.told[0][1]


def test_a_pipe_that_nobody_reads_is_told_once_and_so_is_its_end(tmp_path: Path) -> None:
    path = str(tmp_path / "fifo")
    ground = Ground()

    async def scene() -> None:
        all_ = pipes(ground)
        all_.adopt((Fifo(path=path),))
        for _ in range(20):
            all_.write(FILLING, {path})
        assert all_.figures()[0]["waiting"]
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        while all_.figures()[0]["waiting"]:
            os.read(descriptor, 65536)
            await until(lambda: all_.figures()[0]["unread_bytes"] != 0)
        os.close(descriptor)
        await until(lambda: len(ground.troubles) == 3)
        await all_.stop()

    play(scene)
    texts = [text for _, text in ground.troubles]
    assert texts == ["", "nobody reads it: it is full, and lines wait", ""]
    assert {subject for subject, _ in ground.troubles} == {f"notify FIFO {path}"}


def test_a_reload_keeps_what_did_not_change(tmp_path: Path) -> None:
    out = tmp_path / "out"
    program = reader(tmp_path, out)
    stays = Fifo(path=str(tmp_path / "stays"), script=Command((program, "a")))
    goes = Fifo(path=str(tmp_path / "goes"))
    comes = Fifo(path=str(tmp_path / "comes"))
    ground = Ground()

    async def scene() -> None:
        all_ = pipes(ground)
        all_.adopt((stays, goes))
        inode = os.stat(stays.path).st_ino
        all_.adopt((stays, comes))
        await until(lambda: not os.path.exists(goes.path))
        assert os.path.exists(comes.path)
        assert os.stat(stays.path).st_ino == inode
        assert [pipe["script_starts"] for pipe in all_.figures()] == [1, 0]
        await all_.stop()

    play(scene)
    assert not any(os.path.exists(fifo.path) for fifo in (stays, goes, comes))


def test_a_pipe_that_cannot_be_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("precious")
    ground = Ground()

    async def scene() -> None:
        all_ = pipes(ground)
        all_.adopt((Fifo(path=str(path)), Fifo(path=str(tmp_path / "x"), user="nobody-here")))
        all_.write(LINE, {str(path)})
        await all_.stop()

    play(scene)
    texts = [text for _, text in ground.troubles]
    assert texts == [
        "there is something else of that name",
        "there is no user nobody-here on this machine",
    ]
    assert path.read_text() == "precious"

"""The named pipes of a configuration, each with the program that reads it.

Knows which there are, and what a reload keeps. Must not know what a line says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container
from dataclasses import dataclass

from halod.daemon.notifier.fifo_script import FifoScript
from halod.daemon.notifier.script_lanes import Resolve, Tell
from halod.kernel.account import Account
from halod.model.command import Command
from halod.model.notify_policy import Fifo
from halod.model.printable import printable
from halod.notify.fifo import FifoError, FifoWriter

__all__ = ["Pipes", "Trouble"]

Trouble = Callable[[str, str], None]
"""A subject, and what is wrong with it; an empty text: nothing any more."""
LAST_LINES_S = 1.0
"""How long a program may read its last lines at the stop, before it is asked to end."""
LOOK_S = 0.02


@dataclass
class _Pipe:
    fifo: Fifo
    writer: FifoWriter
    script: FifoScript | None
    is_full: bool = False


class Pipes:
    """Every named pipe of the daemon."""

    def __init__(
        self,
        resolve: Resolve,
        account: Callable[[str, str], Account | str],
        tell: Tell,
        trouble: Trouble,
    ) -> None:
        """`account`: whose pipe it is, by the names of a user and a group; they may be empty."""
        self._resolve, self._account = resolve, account
        self._tell, self._trouble = tell, trouble
        self._pipes: dict[str, _Pipe] = {}
        """By path."""
        self._closing: set[asyncio.Task[None]] = set()

    def adopt(self, fifos: tuple[Fifo, ...]) -> None:
        """A pipe that is as it was stays, with its program and all that waits in it."""
        wanted = {fifo.path: fifo for fifo in fifos}
        for path in [p for p, pipe in self._pipes.items() if wanted.get(p) != pipe.fifo]:
            self._trouble(_subject(path), "")
            task = asyncio.get_running_loop().create_task(self._close(self._pipes.pop(path)))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        for path, fifo in wanted.items():
            if path not in self._pipes:
                self._open(fifo)

    def write(self, line: bytes, paths: Container[str]) -> None:
        """To those of them; nobody is waited for."""
        for path, pipe in self._pipes.items():
            if path in paths:
                pipe.writer.write(line)
                self._look(pipe)

    def figures(self) -> list[dict[str, int | str | bool]]:
        """For status."""
        return [
            {
                "path": printable(path),
                "unread_bytes": pipe.writer.unread,
                "waiting": pipe.writer.waiting,
                "lost": pipe.writer.lost,
                "script_runs": pipe.script is not None and pipe.script.is_running,
                "script_starts": pipe.script.starts if pipe.script else 0,
            }
            for path, pipe in self._pipes.items()
        ]

    async def stop(self) -> None:
        """The programs get the last lines, and then SIGTERM; the pipes go."""
        pipes = list(self._pipes.values())
        self._pipes.clear()
        await asyncio.gather(*map(self._close, pipes), *self._closing)

    def _open(self, fifo: Fifo) -> None:
        owner = self._account(fifo.user, fifo.group)
        if isinstance(owner, str):
            self._trouble(_subject(fifo.path), owner)
            return
        try:
            writer = FifoWriter(fifo.path, owner.uid, owner.gid)
        except FifoError as error:
            self._trouble(_subject(fifo.path), str(error))
            return
        self._trouble(_subject(fifo.path), "")
        script = self._script(fifo.script, fifo.path)
        self._pipes[fifo.path] = _Pipe(fifo, writer, script)
        if script is not None:
            script.start()

    def _script(self, command: Command | None, path: str) -> FifoScript | None:
        return FifoScript(command, path, self._resolve, self._tell) if command else None

    def _look(self, pipe: _Pipe) -> None:
        """Told once while nobody reads; what waits goes when there is room again."""
        is_full = pipe.writer.waiting > 0
        if is_full == pipe.is_full:
            return
        pipe.is_full = is_full
        loop = asyncio.get_running_loop()
        if is_full:
            loop.add_writer(pipe.writer.fileno(), self._room, pipe)
            text = "nobody reads it: it is full, and lines wait"
        else:
            loop.remove_writer(pipe.writer.fileno())
            text = ""
        self._trouble(_subject(pipe.fifo.path), text)

    def _room(self, pipe: _Pipe) -> None:
        pipe.writer.flush()
        self._look(pipe)

    async def _close(self, pipe: _Pipe) -> None:
        if pipe.is_full:
            asyncio.get_running_loop().remove_writer(pipe.writer.fileno())
        if pipe.script is not None:
            await self._let_read(pipe)
            await pipe.script.stop()
        pipe.writer.close()

    async def _let_read(self, pipe: _Pipe) -> None:
        """keepalived ends the program first, so that it seldom reads STOP."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + LAST_LINES_S
        assert pipe.script is not None
        while pipe.writer.unread and pipe.script.is_running and loop.time() < until_s:
            await asyncio.sleep(LOOK_S)


def _subject(path: str) -> str:
    return f"notify FIFO {printable(path)}"

"""Runs notify scripts: those of one instance one after another, those of different ones together.

Knows lanes and time limits. Must not know on which occasion a script runs.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from halod.kernel.account import Account
from halod.kernel.program_run import run_program
from halod.model.command import Command
from halod.model.fact import Severity
from halod.model.printable import printable
from halod.model.units import Duration
from halod.telling.lane import Lane

__all__ = ["Resolve", "ScriptLanes", "Tell"]

Resolve = Callable[[Command], tuple[tuple[str, ...], Account] | str]
"""The words to execute, and as whom; or why that must not be."""
Tell = Callable[[Severity, str], None]


class ScriptLanes:
    """Every notify script of the daemon."""

    def __init__(self, resolve: Resolve, tell: Tell) -> None:
        self._resolve, self._tell = resolve, tell
        self.limit = Duration.seconds(60)
        self._lanes: dict[str, Lane] = {}
        """By the name of the instance or group, while something of it waits or runs."""
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._runs = self._failed = self._lost = 0
        self._last_failure = ""

    def add(self, lane: str, command: Command) -> None:
        """Runs it when all that was added to this lane before has ended."""
        waiting = self._lanes.setdefault(lane, Lane())
        pushed_out = waiting.add(command)
        if pushed_out is not None:
            self._lost += 1
            self._tell(
                Severity.ERROR,
                f"({lane}) too many notify scripts wait: {_shown(pushed_out)} is not run",
            )
        if lane not in self._tasks:
            self._tasks[lane] = asyncio.get_running_loop().create_task(self._work(lane))

    def figures(self) -> dict[str, int | str]:
        """For status."""
        return {
            "waiting": sum(map(len, self._lanes.values())),
            "running": len(self._tasks),
            "runs": self._runs,
            "failed": self._failed,
            "lost": self._lost,
            "last_failure": self._last_failure,
        }

    async def stop(self, within_s: float) -> None:
        """Lets what waits run, as far as the time goes; then ends what runs, and tells the rest."""
        tasks = list(self._tasks.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=within_s)
        for lane, waiting in self._lanes.items():
            while (command := waiting.take()) is not None:
                self._lost += 1
                self._tell(
                    Severity.ERROR, f"({lane}) notify script {_shown(command)} not run: stopped"
                )
        for task in late:
            task.cancel()
        for task in late:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _work(self, lane: str) -> None:
        command: Command | None = None
        try:
            while (command := self._lanes[lane].take()) is not None:
                await self._run(lane, command)
        except asyncio.CancelledError:
            assert command is not None, "it waits for nothing else"
            self._failure(lane, f"{_shown(command)} ended: halod stops")
            raise
        finally:
            # Nothing can be added between the last look and this: no await lies between.
            del self._tasks[lane]
            del self._lanes[lane]

    async def _run(self, lane: str, command: Command) -> None:
        resolved = self._resolve(command)
        if isinstance(resolved, str):
            self._failure(lane, f"{_shown(command)} is not run: {resolved}")
            return
        words, account = resolved
        self._runs += 1
        end = await run_program(words, account, self.limit)
        if not end.succeeded:
            self._failure(lane, f"{_shown(command)}: {end.words}")

    def _failure(self, lane: str, text: str) -> None:
        self._failed += 1
        self._last_failure = f"({lane}) notify script {text}"
        self._tell(Severity.WARNING, self._last_failure)


def _shown(command: Command) -> str:
    """Without its arguments: they may be secrets."""
    return printable(command.program)

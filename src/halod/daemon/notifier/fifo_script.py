"""A program that reads a named pipe: started with it, started again when it ends.

Knows one such program. Must not know what is written to the pipe. keepalived starts it once, and
when it ends nobody reads; here it is started again, after a pause that grows while it does not
last.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

from halod.daemon.notifier.script_lanes import Resolve, Tell
from halod.kernel.program import Program, start_program
from halod.model.command import Command
from halod.model.fact import Severity
from halod.model.printable import printable

__all__ = ["FifoScript"]

PAUSE_FIRST_S, PAUSE_MAX_S = 1.0, 60.0
LASTED_S = 60.0
"""A program that ran this long ended for a reason of its own: the next pause is the first again."""
GRACE_S = 2.0
"""From SIGTERM to SIGKILL, as with other scripts."""


class FifoScript:
    """One program at one pipe."""

    def __init__(self, command: Command, path: str, resolve: Resolve, tell: Tell) -> None:
        self._command = replace(command, argv=(*command.argv, path))
        self._resolve, self._tell = resolve, tell
        self._program: Program | None = None
        self._again: asyncio.TimerHandle | None = None
        self._pause_s = PAUSE_FIRST_S
        self._started_s = 0.0
        self._ended = asyncio.Event()
        self.starts = 0
        """How many times it was started."""

    @property
    def is_running(self) -> bool:
        return self._program is not None

    def start(self) -> None:
        """Starts it; what goes wrong is told, and tried again."""
        self._again = None
        loop = asyncio.get_running_loop()
        resolved = self._resolve(self._command)
        if isinstance(resolved, str):
            self._retry(f"is not run: {resolved}")
            return
        try:
            program = start_program(*resolved)
        except OSError as error:
            self._retry(f"could not be started: {error.strerror}")
            return
        self._program, self._started_s = program, loop.time()
        self._ended.clear()
        self.starts += 1
        loop.add_reader(program.fileno(), self._gone)

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL to what does not obey; its whole group."""
        if self._again is not None:
            self._again.cancel()
            self._again = None
        program = self._program
        if program is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(program.fileno())
        loop.add_reader(program.fileno(), self._ended.set)
        program.terminate()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await self._ended.wait()
        program.kill()
        await self._ended.wait()
        loop.remove_reader(program.fileno())
        program.reap()
        self._program = None

    def _gone(self) -> None:
        program = self._program
        assert program is not None
        loop = asyncio.get_running_loop()
        loop.remove_reader(program.fileno())
        program.kill()
        end = program.reap()
        self._program = None
        if loop.time() - self._started_s >= LASTED_S:
            self._pause_s = PAUSE_FIRST_S
        self._retry(f"ended ({end.words})")

    def _retry(self, what: str) -> None:
        shown = printable(self._command.program)
        pause_s = self._pause_s
        self._pause_s = min(PAUSE_MAX_S, 2 * pause_s)
        self._tell(
            Severity.WARNING, f"notify FIFO script {shown} {what}: started again in {pause_s:g} s"
        )
        self._again = asyncio.get_running_loop().call_later(pause_s, self.start)

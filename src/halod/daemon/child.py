"""A child process as its parent sees it: started, watched, made sure to be dead.

Knows processes. Must not know what a child does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Sequence

from halod.daemon.channel import Channel
from halod.daemon.model_memory import HandedDown, write_model

__all__ = ["KILL_DEADLINE_S", "Child", "python_module"]

KILL_DEADLINE_S = 0.1
"""A killed process that is not gone by then sits in the kernel: nothing is sent in its name, for
it might still speak; its lease ends it (DESIGN, section 3)."""


def python_module(name: str) -> list[str]:
    """The command line of a child that is a module of ours."""
    return [sys.executable, "-I", "-m", name]


class Child:
    """One life of a child process."""

    def __init__(
        self,
        program: Sequence[str],
        model: HandedDown,
        generation: int,
        words: Iterable[str] = (),
        descriptors: Iterable[int] = (),
    ) -> None:
        """`program` is run as `PROGRAM CHANNEL MODEL GENERATION PARENT WORDS... DESCRIPTORS...`."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        memory = write_model(model)
        own = tuple(descriptors)
        numbers = (theirs.fileno(), memory, generation, os.getpid())
        self.channel = Channel(ours)
        try:
            # A fresh interpreter, not a fork: it holds nothing of the supervisor's memory.
            self._process = subprocess.Popen(
                [*program, *map(str, numbers), *words, *map(str, own)],
                pass_fds=(theirs.fileno(), memory, *own),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            self.pid = self._process.pid
            self.pidfd = os.pidfd_open(self.pid)
        except OSError:
            self.channel.close()
            raise
        finally:
            theirs.close()
            os.close(memory)

    def reload(self, model: HandedDown, generation: int) -> bool:
        """Hands a new model down; the child answers `reloaded`. Whether it could be reached."""
        memory = write_model(model)
        try:
            message = {"type": "reload", "generation": generation}
            return self.channel.send_descriptor(message, memory)
        finally:
            os.close(memory)

    def terminate(self) -> None:
        """Asks for a clean stop."""
        self._signal(signal.SIGTERM)

    def kill(self) -> bool:
        """Makes sure that it is dead; False where it was not within the deadline."""
        self._signal(signal.SIGKILL)
        return self.wait(KILL_DEADLINE_S)

    def wait(self, seconds: float) -> bool:
        """Whether it ended within that time."""
        poller = select.poll()
        poller.register(self.pidfd, select.POLLIN)
        return bool(poller.poll(int(seconds * 1000)))

    async def ended(self, within_s: float) -> bool:
        """The same while the loop goes on: from now on it alone hears of the end.

        Not in a thread: one would be there for a moment after the loop has given the signals back,
        and a late SIGHUP would end the process there.
        """
        gone = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.pidfd, gone.set)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await gone.wait()
        return gone.is_set()

    def reap(self) -> int:
        """Exit status of a dead child; minus the signal that killed it."""
        return self._process.wait()

    def close(self) -> None:
        """Lets go of it, dead or not."""
        self.channel.close()
        os.close(self.pidfd)

    def _signal(self, number: signal.Signals) -> None:
        try:
            signal.pidfd_send_signal(self.pidfd, number)
        except ProcessLookupError:
            return

"""Keeps one child process alive: starts it, listens to it, buries it, starts it again.

Knows what is the same for every child: the crash limit, the end of a child that babbles, the stop.
Must not know what a child says, nor what one leaves behind: each child has a keeper of its own.
"""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from halod.daemon.child import Child
from halod.daemon.exit_status import describe_exit
from halod.daemon.hearing import Said, understand
from halod.daemon.status import Process
from halod.daemon.voice import Voice
from halod.daemon.watch import CrashLimit
from halod.kernel.clock import boot_now
from halod.model.fact import Severity

__all__ = ["Keeper"]

STOP_DEADLINE_S = 2.0
"""A child that does not stop cleanly within it is killed, and spoken for."""
START_AGAIN_TICKS = 10
"""Between two tries to start a child that the machine had no memory or descriptors for."""


class Keeper(ABC):
    """Of one kind of child, for one run of the daemon."""

    NAME: ClassVar[str]
    """How people call the child."""
    STOP_DEADLINE_S: ClassVar[float] = STOP_DEADLINE_S
    """How long its clean stop may take."""

    def __init__(self, voice: Voice, process: Process, hear: Callable[[Said], None]) -> None:
        """`process`: what status shows of it. `hear`: gets what the child says."""
        self._voice = voice
        self._process = process
        self._hear = hear
        self.child: Child | None = None
        self._crashes = CrashLimit()
        self._start_again = 0
        """Ticks until one that could not be started is tried again; 0: it is not."""
        self._stopping = False

    # ---- what each child has of its own ----------------------------------------------------

    @property
    def wanted(self) -> bool:
        """Whether there is to be a process."""
        return True

    @abstractmethod
    def _make(self) -> Child:
        """A new process; OSError where it cannot be had."""

    @abstractmethod
    def _inherit(self, *, dead: bool) -> str:
        """What it left behind is put in order, at once; says what was done.

        `dead`: it is known to be; else it may still act.
        """

    @abstractmethod
    def _hangs(self) -> bool:
        """One tick: whether it must be taken for hung."""

    @abstractmethod
    def _died(self, code: int | None, how: str, *, hung: bool) -> None:
        """It has been buried, and is told of. `code`: None where it is not known to be dead."""

    @abstractmethod
    def _replaced(self) -> None:
        """A next one is about to be started, or it stays down."""

    # ---- its life --------------------------------------------------------------------------

    def _ended(self, child: Child) -> None:
        """Gone, cleanly or not."""
        self._process.pid = None
        child.close()

    def start(self) -> None:
        """A process, from now on."""
        try:
            child = self._make()
        except OSError as error:
            self._stay_down(f"it could not be started: {error.strerror}")
            self._start_again = START_AGAIN_TICKS
            return
        self.child = child
        self._process.pid, self._process.down = child.pid, ""
        loop = asyncio.get_running_loop()
        loop.add_reader(child.channel.fileno(), self._child_speaks, child)
        loop.add_reader(child.pidfd, self._bury, True)

    def start_afresh(self) -> None:
        """After a change of configuration: earlier crashes do not count."""
        self._crashes = CrashLimit()
        self.start()

    def tick(self) -> None:
        """Once every `TICK`."""
        if self._start_again:
            self._start_again -= 1
            if not self._start_again and self.child is None:
                self.start()
        if self.child is not None and self._hangs():
            self._voice.tell(
                Severity.ALERT, f"{self.NAME} process {self.child.pid} hangs: ending it"
            )
            self._bury(self.child.kill(), hung=True)

    async def stop(self) -> None:
        """A clean one, or the end of a child that does not."""
        self._stopping = True
        child = self.child
        if child is None:
            return
        self._ask_to_stop(child)
        ended = await child.ended(self.STOP_DEADLINE_S)
        if not ended:
            self._voice.tell(Severity.ERROR, f"{self.NAME} did not stop in time: ending it")
            ended = child.kill()
        elif child.reap() == 0:
            self._part()
            return
        # It had died before it was asked, or did so instead of stopping.
        self._settle(ended)

    def _ask_to_stop(self, child: Child) -> None:
        """It answers by its end."""
        child.terminate()

    # ---- its death -------------------------------------------------------------------------

    def _bury(self, dead: bool, *, hung: bool = False) -> None:
        """The child died, or was made to: its death must not cost more than a clean stop."""
        if dead and not hung and not self.wanted:
            self._part()
            return
        how = self._settle(dead, hung=hung)
        if self._stopping:
            return
        self._replaced()
        if self._crashes.may_restart(boot_now()):
            self._process.restarts += 1
            self.start()
        else:
            self._stay_down(f"it died 3 times within 60 s, the last time: {how}")

    def _part(self) -> None:
        """It ended as it was asked to."""
        child = self.child
        assert child is not None
        self.child = None
        self._forget(child)
        self._listen(child)
        child.reap()
        self._ended(child)

    def _settle(self, dead: bool, *, hung: bool = False) -> str:
        """Everything that a child leaves behind when it does not stop by itself; how it ended."""
        child = self.child
        assert child is not None
        self.child = None
        self._forget(child)
        told = self._inherit(dead=dead)
        self._listen(child)
        code = child.reap() if dead else None
        how = "did not die within 100 ms" if code is None else describe_exit(code)
        self._ended(child)
        self._voice.tell(Severity.ALERT, f"{self.NAME} process {child.pid} {how}; {told}")
        self._died(code, how, hung=hung)
        return how

    def _stay_down(self, why: str) -> None:
        if self._process.down == why:
            return
        self._process.down = why
        self._voice.tell(Severity.ALERT, f"{self.NAME} stays down: {why}")

    def _forget(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(child.channel.fileno())
        loop.remove_reader(child.pidfd)

    # ---- what it says ----------------------------------------------------------------------

    def _child_speaks(self, child: Child) -> None:
        self._listen(child)
        if child.channel.closed:
            asyncio.get_running_loop().remove_reader(child.channel.fileno())
        if child.channel.overlong and child is self.child:
            self._voice.tell(Severity.ALERT, f"{self.NAME} process {child.pid} babbles: ending it")
            self._bury(child.kill())

    def _listen(self, child: Child) -> None:
        for message in child.channel.receive():
            self._hear(understand(message))
        while child.channel.descriptors:
            # Nothing that a child may hand up.
            os.close(child.channel.descriptors.popleft())

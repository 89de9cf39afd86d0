"""The runner's parent: there is one while the configuration has something to run.

Knows when a runner is needed, and its signs of life. Must not know what a tracker's word means.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar

from halod.daemon.channel import Message
from halod.daemon.child import Child, python_module
from halod.daemon.configurations import Configurations
from halod.daemon.hearing import Said
from halod.daemon.keeper import Keeper
from halod.daemon.model_memory import HandedDown
from halod.daemon.notice_message import notice_message
from halod.daemon.parts import runner_part
from halod.daemon.server_notice_message import server_notice_message
from halod.daemon.status import Status
from halod.daemon.stop_span import STOP_WITHIN_S
from halod.daemon.tracker_memory import TrackerMemory
from halod.daemon.voice import Voice
from halod.model.balance_effect import ServerNotice
from halod.model.notice import Notice

__all__ = ["RunnerKeeper"]

PROGRAM = python_module("halod.daemon.runner")
SILENT_TICKS_MAX = 100
"""10 s without a sign of life, which comes each second: it hangs. Long, for a machine that is short
of memory starts no program within seconds, and what the trackers said last holds meanwhile."""
START_TICKS_MAX = 600
"""60 s until the first one: a machine that starts everything at once takes its time to load a
process, and one that is killed for being slow would be slow again."""
VIEW_DEADLINE_S = 0.2
UNTOLD_MAX = 256
"""Notices that wait for a runner which is being started again; the oldest go."""


class RunnerKeeper(Keeper):
    """Everything around the process that runs scripts."""

    NAME: ClassVar[str] = "runner"
    STOP_DEADLINE_S: ClassVar[float] = STOP_WITHIN_S + 2.0
    """It ends by itself when the last scripts and mails had their time."""

    def __init__(
        self,
        configurations: Configurations,
        memory: TrackerMemory,
        status: Status,
        voice: Voice,
        hear: Callable[[Said], None],
    ) -> None:
        super().__init__(voice, status.runner, hear)
        self._configurations = configurations
        self._memory = memory
        self._status = status
        self._silent = 0
        """Ticks since the last sign of life."""
        self._was_heard = False
        """The process that lives now has given one."""
        self._viewed = asyncio.Event()
        self._untold: deque[Notice | ServerNotice] = deque(maxlen=UNTOLD_MAX)

    def adopt(self) -> None:
        """A configuration is in force: the runner gets it, comes, or goes."""
        configurations = self._configurations
        if self.child is None:
            if self.wanted:
                self.start_afresh()
            self._untold.clear()
        elif self.wanted:
            model = HandedDown(runner_part(configurations.running))
            self.child.reload(model, configurations.generation)
            self._pass_on(self.child)
        else:
            # The last words first: they are about what is no more.
            self._pass_on(self.child)
            self._ask_to_stop(self.child)

    def notice(self, notice: Notice | ServerNotice) -> None:
        """Something to be told. Where there is no runner now, the next one tells it; what belongs
        to a configuration that is not in force yet waits for it."""
        is_early = self._configurations.pending is not None
        if self.child is not None and not is_early:
            self.child.channel.send(_message(notice))
        elif self.child is not None or self.wanted or is_early:
            self._untold.append(notice)

    def send(self, message: Message) -> None:
        """Where there is a runner to hear it; a later one asks."""
        if self.child is not None:
            self.child.channel.send(message)

    def alive(self) -> None:
        """It said so."""
        self._silent, self._was_heard = 0, True

    async def refresh_view(self) -> None:
        """Asks for a fresh view; the last one must do if the child is busy."""
        if self.child is None:
            return
        self._viewed.clear()
        self.child.channel.send({"type": "view"})
        try:
            async with asyncio.timeout(VIEW_DEADLINE_S):
                await self._viewed.wait()
        except TimeoutError:
            return

    def viewed(self, checks: list[dict[str, Any]], notifications: dict[str, Any]) -> None:
        """One came."""
        self._status.checks, self._status.notifications = checks, notifications
        self._viewed.set()

    # ---- what is its own -------------------------------------------------------------------

    @property
    def wanted(self) -> bool:
        return self._configurations.running.needs_runner

    def _make(self) -> Child:
        self._silent, self._was_heard = 0, False
        child = Child(
            PROGRAM,
            HandedDown(runner_part(self._configurations.running), reports=self._memory.reports),
            self._configurations.generation,
        )
        self._pass_on(child)
        return child

    def _pass_on(self, child: Child) -> None:
        """What waited for it."""
        while self._untold:
            child.channel.send(_message(self._untold.popleft()))

    def _ask_to_stop(self, child: Child) -> None:
        # Behind all that is to be told, and not by a signal: one that has just been started would
        # die of it.
        child.channel.send({"type": "stop"})

    def _hangs(self) -> bool:
        self._silent += 1
        return self._silent > (SILENT_TICKS_MAX if self._was_heard else START_TICKS_MAX)

    def _inherit(self, *, dead: bool) -> str:
        return "what its trackers said last holds until they are asked again"

    def _ended(self, child: Child) -> None:
        super()._ended(child)
        self._status.checks, self._status.notifications = [], {}

    def _died(self, code: int | None, how: str, *, hung: bool) -> None:
        """It leaves nothing behind: its programs die with it."""

    def _replaced(self) -> None:
        """The next one is told everything."""


def _message(notice: Notice | ServerNotice) -> Message:
    if isinstance(notice, ServerNotice):
        return server_notice_message(notice)
    return notice_message(notice)

"""The service's parent: there is one while the configuration has virtual servers.

Knows its signs of life, its view and the questions it is asked. Must not know what a verdict means.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any, ClassVar

from halod.daemon.channel import Message
from halod.daemon.child import Child, python_module
from halod.daemon.configurations import Configurations
from halod.daemon.hearing import BalancePage, Said
from halod.daemon.keeper import Keeper
from halod.daemon.model_memory import HandedDown, changed_model
from halod.daemon.options import Options
from halod.daemon.parts import service_part
from halod.daemon.status import Status
from halod.daemon.voice import Voice
from halod.model.virtual_server import VirtualServer

__all__ = ["ServiceKeeper"]

PROGRAM = python_module("halod.daemon.service")
SILENT_TICKS_MAX = 600
"""60 s without a sign of life: forty thousand destinations are put into an empty table in about
ten, and a service that is killed for being slow would be slow again."""
VIEW_DEADLINE_S = 0.5
"""From one page to the next."""
ORDER_DEADLINE_S = 4.0
"""How long an operator's order may take; `haloctl` waits 5 s for all of the answer."""


class ServiceKeeper(Keeper):
    """Everything around the process that changes the table."""

    NAME: ClassVar[str] = "service"
    STOP_DEADLINE_S: ClassVar[float] = 10.0
    """It removes each service and destination by itself."""

    def __init__(
        self,
        options: Options,
        configurations: Configurations,
        status: Status,
        voice: Voice,
        hear: Callable[[Said], None],
    ) -> None:
        super().__init__(voice, status.service, hear)
        self._run_dir = options.run_dir
        self._keeps_table = options.keep_table
        self._configurations = configurations
        self._status = status
        self._silent = 0
        self._owes_reload = False
        """A configuration is still to be handed down: tried again each tick."""
        self._handed: dict[str, VirtualServer] = {}
        """What the child has, by title."""
        self._numbers = count(1)
        self._orders: dict[int, asyncio.Event] = {}
        self._page: BalancePage | None = None
        self._viewed = asyncio.Event()
        self._asking: asyncio.Task[None] | None = None

    @property
    def wanted(self) -> bool:
        return bool(self._configurations.running.virtual_servers)

    def adopt(self) -> None:
        """A configuration is in force: the service gets it, comes, or goes."""
        if self.child is None:
            if self.wanted:
                self.start_afresh()
        elif self.wanted:
            self._owes_reload = not self._hand_down(self.child)
        else:
            # What it made goes with it.
            self._ask_to_stop(self.child)

    def _hand_down(self, child: Child) -> bool:
        """Whether it went: not while something waits before it, for the child is busy."""
        model, wanted = changed_model(service_part(self._configurations.running), self._handed)
        if not child.reload(model, self._configurations.generation):
            return False
        self._handed = wanted
        return True

    def send(self, message: Message) -> bool:
        """Whether there is a process to hear it."""
        if self.child is None:
            return False
        self.child.channel.send(message)
        return True

    def alive(self) -> None:
        """It said so."""
        self._silent = 0

    # ---- questions and orders --------------------------------------------------------------

    async def order(self, message: Message) -> bool:
        """Whether it was carried out in time."""
        number = next(self._numbers)
        self._orders[number] = done = asyncio.Event()
        try:
            if not self.send({**message, "type": "admin", "id": number}):
                return False
            async with asyncio.timeout(ORDER_DEADLINE_S):
                await done.wait()
        except TimeoutError:
            return False
        finally:
            del self._orders[number]
        return True

    def ordered(self, number: int) -> None:
        """An order was carried out."""
        if number in self._orders:
            self._orders[number].set()

    async def refresh_view(self) -> None:
        """Asks for a fresh view; the last one must do if the child is busy. Several who ask at the
        same time get the same one."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._ask())
        await asyncio.shield(self._asking)

    async def _ask(self) -> None:
        pages: list[dict[str, Any]] = []
        first: int | None = 0
        last: BalancePage | None = None
        while first is not None:
            self._viewed.clear()
            self._page = None
            if not self.send({"type": "view", "from": first}):
                return
            try:
                async with asyncio.timeout(VIEW_DEADLINE_S):
                    await self._viewed.wait()
            except TimeoutError:
                return
            last = self._page
            if last is None or last.first != first:
                return
            pages += last.servers
            first = last.following
        self._status.virtual_servers = pages
        if last is not None:
            self._status.sync_role, self._status.lvs_engine = last.sync_role, last.engine

    def viewed(self, page: BalancePage) -> None:
        """One came."""
        self._page = page
        self._viewed.set()

    # ---- what is its own -------------------------------------------------------------------

    def _make(self) -> Child:
        self._silent = 0
        self._owes_reload = False
        part = service_part(self._configurations.running)
        self._handed = {server.title: server for server in part.virtual_servers}
        return Child(
            PROGRAM,
            HandedDown(part),
            self._configurations.generation,
            (self._run_dir,),
        )

    def _ask_to_stop(self, child: Child) -> None:
        # Not by a signal: that would leave the table as it is, and be slower.
        removes = not (self._keeps_table and self._stopping)
        child.channel.send({"type": "stop", "removes": removes})

    def _hangs(self) -> bool:
        self._silent += 1
        if self._owes_reload and self.child is not None:
            self._owes_reload = not self._hand_down(self.child)
        return self._silent > SILENT_TICKS_MAX

    def _inherit(self, *, dead: bool) -> str:
        return "the table of virtual servers goes on as it is"

    def _ended(self, child: Child) -> None:
        super()._ended(child)
        if not self.wanted:
            self._status.virtual_servers = []

    def _died(self, code: int | None, how: str, *, hung: bool) -> None:
        """It leaves the table, which serves."""

    def _replaced(self) -> None:
        """The next one reads what it remembered, and is told everything again."""

"""The checker's parent: there is one while something is to be asked over the network.

Knows when a checker is needed, its signs of life, and what its checks said last. Must not know what
follows from a verdict. For whoever wires it:

    keeper = CheckerKeeper(configurations, status, voice, hear)
    keeper.adopt()              a configuration is in force: the checker gets it, comes, or goes
    keeper.suspend(titles)      `ha_suspend`: these virtual servers alone are not checked
    keeper.taken(number)        the service has that batch: the next one may come
    keeper.retell()             there is a new service: all verdicts once more
    await keeper.views()        what every check found last, in the order of the file

`hear` gets what the checker says and the keeper has no use for itself: `VerdictBatch` above all,
then `Fact`, `Trouble`, `Ready`, `Reloaded` and `Nonsense`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from halod.daemon.checker_needs import CheckerNeeds, needs_of_one, together
from halod.daemon.child import Child, python_module
from halod.daemon.configurations import Configurations
from halod.daemon.hearing import Alive, Checked, Said
from halod.daemon.keeper import Keeper
from halod.daemon.model_memory import HandedDown, changed_model
from halod.daemon.parts import checked_over_network, checker_part, is_checked_in_checker
from halod.daemon.per_server import PerServer
from halod.daemon.status import Status
from halod.daemon.verdict_message import VerdictBatch, taken_message
from halod.daemon.voice import Voice
from halod.model.balance_event import Verdict
from halod.model.configuration import Configuration
from halod.model.virtual_server import VirtualServer

__all__ = ["CheckerKeeper"]

PROGRAM = python_module("halod.daemon.checker")
SILENT_TICKS_MAX = 100
"""10 s without a sign of life, which comes each second: it hangs. What its checks said last holds
meanwhile."""
START_TICKS_MAX = 600
"""60 s until the first one: a machine that starts everything at once takes its time to load a
process, and one that is killed for being slow would be slow again."""
VIEWS_DEADLINE_S = 1.0
"""Of all pages together; who asks gets those that came."""
VERDICTS_MAX = 200_000
"""Kept: five times as many checks as the largest known file has. A child that makes names up must
not fill the supervisor."""


class CheckerKeeper(Keeper):
    """Everything around the process that asks servers."""

    NAME: ClassVar[str] = "checker"

    def __init__(
        self,
        configurations: Configurations,
        status: Status,
        voice: Voice,
        hear: Callable[[Said], None],
    ) -> None:
        super().__init__(voice, status.checker, self._heed)
        self._configurations = configurations
        self._pass_on = hear
        self._verdicts: dict[str, Verdict] = {}
        """What was said last of each check: a checker that comes after a death goes on with it."""
        self._suspended: tuple[str, ...] = ()
        self._handed: dict[str, VirtualServer] = {}
        """What the child has, by title."""
        self._needs_of = PerServer(needs_of_one)
        self._part_of = PerServer(checked_over_network)
        self._names_of = PerServer(_names_of)
        self._needs = CheckerNeeds()
        self._stamps: tuple[object, ...] = ()
        """Of the files that the child has read."""
        self._is_to_be_replaced = False
        self._silent = 0
        """Ticks since the last sign of life."""
        self._was_heard = False
        """The process that lives now has given one."""
        self._page: asyncio.Future[Checked] | None = None

    def adopt(self) -> None:
        """A configuration is in force."""
        self._forget_old_checks()
        if self.child is None:
            if self.wanted:
                self.start_afresh()
        elif not self.wanted:
            self._ask_to_stop(self.child)
        elif (needs := self._wanted_needs()) != self._needs or _stamps(needs) != self._stamps:
            # It has no right any more to get what it needs now.
            self._is_to_be_replaced = True
            self._ask_to_stop(self.child)
        elif not self._hand_down_changes(self.child):
            # It has not read what was said before: it hangs, or soon will.
            self._is_to_be_replaced = True
            self._ask_to_stop(self.child)

    def _hand_down_changes(self, child: Child) -> bool:
        """Virtual servers that are not as it has them, and the titles of all. Whether they went."""
        model, self._handed = changed_model(self._checked_part(), self._handed)
        return child.reload(model, self._configurations.generation)

    def suspend(self, titles: Iterable[str]) -> None:
        """These alone are not checked."""
        self._suspended = tuple(titles)
        self._send_suspended()

    def taken(self, number: int) -> None:
        """The service has that batch."""
        if self.child is not None:
            self.child.channel.send(taken_message(number))

    def retell(self) -> None:
        """Whoever was told is gone."""
        if self.child is not None:
            self.child.channel.send({"type": "retell"})

    async def views(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Every check with what it found last, and figures of all of them; what did not come in
        time is missing."""
        checks: list[dict[str, Any]] = []
        figures: dict[str, Any] = {}
        try:
            async with asyncio.timeout(VIEWS_DEADLINE_S):
                while self.child is not None:
                    page = await self._ask_for_page(len(checks))
                    checks += page.checks
                    figures = page.figures
                    if not page.checks or len(checks) >= figures["checks"]:
                        break
        except TimeoutError:
            pass
        return checks, figures

    async def _ask_for_page(self, first: int) -> Checked:
        assert self.child is not None
        if self._page is None or self._page.done():
            self._page = asyncio.get_running_loop().create_future()
            self.child.channel.send({"type": "view", "first": first})
        page = await asyncio.shield(self._page)
        if page.first == first:
            return page
        # Somebody else's: two may ask at once.
        return await self._ask_for_page(first)

    # ---- what it says ----------------------------------------------------------------------

    def _heed(self, said: Said) -> None:
        self._silent, self._was_heard = 0, True
        match said:
            case Alive():
                pass
            case Checked():
                if self._page is not None and not self._page.done():
                    self._page.set_result(said)
            case VerdictBatch(_, verdicts):
                for verdict in verdicts:
                    if len(self._verdicts) < VERDICTS_MAX or verdict.check in self._verdicts:
                        self._verdicts[verdict.check] = verdict
                self._pass_on(said)
            case _:
                self._pass_on(said)

    def _forget_old_checks(self) -> None:
        names = set().union(*self._names_of.of(self._configurations.running.virtual_servers))
        self._verdicts = {name: each for name, each in self._verdicts.items() if name in names}

    def _send_suspended(self) -> None:
        if self.child is not None:
            self.child.channel.send({"type": "suspend", "virtual_servers": list(self._suspended)})

    # ---- what is its own -------------------------------------------------------------------

    @property
    def wanted(self) -> bool:
        return is_checked_in_checker(self._configurations.running)

    def start(self) -> None:
        super().start()
        self._send_suspended()

    def _ask_to_stop(self, child: Child) -> None:
        # Not by a signal: one that has just been started would die of it.
        child.channel.send({"type": "stop"})

    def _make(self) -> Child:
        self._silent, self._was_heard = 0, False
        self._needs = self._wanted_needs()
        self._stamps = _stamps(self._needs)
        part = self._checked_part()
        self._handed = {server.title: server for server in part.virtual_servers}
        model = HandedDown(part, verdicts=tuple(self._verdicts.values()))
        return Child(PROGRAM, model, self._configurations.generation)

    def _checked_part(self) -> Configuration:
        running = self._configurations.running
        return checker_part(running, self._part_of.of(running.virtual_servers))

    def _wanted_needs(self) -> CheckerNeeds:
        return together(self._needs_of.of(self._configurations.running.virtual_servers))

    def _bury(self, dead: bool, *, hung: bool = False) -> None:
        if dead and not hung and self._is_to_be_replaced and not self._stopping:
            self._is_to_be_replaced = False
            self._part()
            if self.wanted:
                self.start_afresh()
            return
        super()._bury(dead, hung=hung)

    def _hangs(self) -> bool:
        self._silent += 1
        return self._silent > (SILENT_TICKS_MAX if self._was_heard else START_TICKS_MAX)

    def _inherit(self, *, dead: bool) -> str:
        return "what its checks said last holds until they are done again"

    def _died(self, code: int | None, how: str, *, hung: bool) -> None:
        """It leaves nothing behind: its sockets die with it."""

    def _replaced(self) -> None:
        """The next one is told everything."""


def _names_of(server: VirtualServer) -> tuple[str, ...]:
    """Of its checks."""
    return tuple([name for name, _, _ in server.checks()])


def _stamps(needs: CheckerNeeds) -> tuple[object, ...]:
    """Which files they were that the child has read: a certificate is renewed under its name."""
    return tuple(
        _stamp(path)
        for identity in sorted(
            (each for each in needs.identities | needs.http2 if each is not None), key=repr
        )
        for path in (identity.certificate, identity.key, identity.ca)
        if path
    )


def _stamp(path: str) -> tuple[int, ...] | str:
    try:
        found = os.stat(path)
    except OSError as error:
        return str(error.errno)
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size

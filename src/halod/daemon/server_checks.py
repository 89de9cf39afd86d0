"""Checks of real servers in the runner: programs and files, with the verdicts that come of them.

Knows which of them go on over a reload, and the messages about verdicts. Must not know how a check
is done.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

from halod.balance.health import Outcome
from halod.balance.inheritance import same_checks
from halod.daemon.channel import Message
from halod.daemon.fact_message import fact_message
from halod.daemon.file_checks import LOOK_EVERY_S, FileChecks
from halod.daemon.misc_run import MiscRun
from halod.daemon.verdict_outbox import VerdictOutbox
from halod.kernel.account import find_account
from halod.kernel.clock import boot_now
from halod.model.balance_event import Verdict
from halod.model.check import FileCheck, MiscCheck
from halod.model.endpoint import Endpoint
from halod.model.units import Instant
from halod.model.virtual_server import VirtualServer

__all__ = ["ServerChecks"]

Name = tuple[str, Endpoint]
"""A real server: title of its virtual server, and its address."""
SUBJECT = "MISC_CHECK"


class ServerChecks:
    """Of one life of the runner."""

    def __init__(
        self,
        say: Callable[[Message], None],
        start: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        trouble: Callable[[str, str], None],
    ) -> None:
        """`start`: makes a task whose fault ends the process."""
        self._say = say
        self._start = start
        self._trouble = trouble
        self._outbox = VerdictOutbox()
        self._files = FileChecks(self._tell_verdict, trouble)
        self._runs: dict[Name, list[MiscRun]] = {}
        self._tasks: dict[MiscRun, asyncio.Task[None]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._suspended: frozenset[str] = frozenset()
        self._unasked: dict[str, str] = {}
        # Moments are spread, nothing is guessed from them.
        self._spread = random.Random()  # noqa: S311

    # ---- which checks ----------------------------------------------------------------------

    def adopt(self, servers: Sequence[VirtualServer], verdicts: Iterable[Verdict] = ()) -> None:
        """A configuration: checks that did not change go on. `verdicts`: what another process
        said."""
        said = {verdict.check: verdict for verdict in verdicts}
        programs: dict[Name, list[tuple[str, MiscCheck]]] = {}
        files: dict[str, FileCheck] = {}
        for server in servers:
            for name, real, check in server.checks():
                if isinstance(check, MiscCheck):
                    programs.setdefault((server.title, real.endpoint), []).append((name, check))
                elif isinstance(check, FileCheck):
                    files[name] = check
        self._outbox.remember(said.values())
        self._adopt_programs(programs, said)
        self._outbox.keep([*files, *(each.health.name for each in self._tasks_of())])
        self._files.adopt(files, said)
        self._watch_files()

    def _adopt_programs(
        self, programs: dict[Name, list[tuple[str, MiscCheck]]], said: dict[str, Verdict]
    ) -> None:
        before, self._runs = self._runs, {}
        for name, checks in programs.items():
            old = before.pop(name, [])
            inherits = same_checks([each.check for each in old], [check for _, check in checks])
            self._runs[name] = [
                self._go_on(old[inherits[number]], check_name, check)
                if number in inherits
                else self._begin(name[0], check_name, check, said.get(check_name))
                for number, (check_name, check) in enumerate(checks)
            ]
            for at, each in enumerate(old):
                if at not in inherits.values():
                    self._end(each)
        for gone in before.values():
            for each in gone:
                self._end(each)

    def _begin(self, title: str, name: str, check: MiscCheck, before: Verdict | None) -> MiscRun:
        # Named by the supervisor, which has looked for it: asked again, for it is root's to give.
        account = find_account(check.command.user, check.command.group)
        run = MiscRun(name, check, account, self._tell, self._cannot_ask)
        if before is not None:
            run.health.resume(up=before.up)
        run.health.first_due(boot_now(), self._spread.random())
        if title not in self._suspended:
            self._tasks[run] = self._start(run.go_on())
        return run

    def _go_on(self, run: MiscRun, name: str, check: MiscCheck) -> MiscRun:
        due = run.health.due
        run.adopt(name, check, find_account(check.command.user, check.command.group))
        if run.health.due < due and run in self._tasks:
            # It sleeps too long now. A run that goes on is due already, and is not disturbed.
            self._tasks.pop(run).cancel()
            self._tasks[run] = self._start(run.go_on())
        return run

    def _end(self, run: MiscRun) -> None:
        self._unasked.pop(run.health.name, None)
        if run in self._tasks:
            self._tasks.pop(run).cancel()

    def _tasks_of(self) -> Iterable[MiscRun]:
        return (each for runs in self._runs.values() for each in runs)

    def _suspend(self, titles: frozenset[str]) -> None:
        self._suspended = titles
        now = boot_now()
        for (title, _), runs in self._runs.items():
            for run in runs:
                if title in titles:
                    self._end(run)
                elif run not in self._tasks:
                    # Spread, like the first ones: they all come back at once.
                    wait_ns = int(run.check.timing.delay_loop.ns * self._spread.random())
                    run.health.due = Instant(now.ns + wait_ns)
                    self._tasks[run] = self._start(run.go_on())

    def _watch_files(self) -> None:
        if self._files and self._looking is None:
            self._looking = self._start(self._look())
        elif not self._files and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _look(self) -> None:
        while True:
            self._files.look()
            await asyncio.sleep(LOOK_EVERY_S)

    # ---- what is told ----------------------------------------------------------------------

    def heed(self, message: Message) -> bool:
        """Whether the message was one about these checks."""
        match message.get("type"):
            case "taken":
                self._outbox.taken(int(message["batch"]))
            case "retell":
                self._outbox.repeat()
            case "suspend":
                self._suspend(frozenset(message["virtual_servers"]))
            case _:
                return False
        self._send()
        return True

    def _tell(self, told: Outcome) -> None:
        if told.fact is not None:
            self._say(fact_message(told.fact))
        if told.verdict is not None:
            self._tell_verdict(told.verdict)

    def _tell_verdict(self, verdict: Verdict) -> None:
        self._outbox.say(verdict)
        self._send()

    def _send(self) -> None:
        message = self._outbox.next()
        if message is not None:
            self._say(message)

    def _cannot_ask(self, name: str, why: str) -> None:
        if why:
            self._unasked[name] = why
        else:
            self._unasked.pop(name, None)
        text = ""
        if self._unasked:
            name, why = next(iter(self._unasked.items()))
            text = f"check {name} cannot be done, and its server stays what it was: {why}"
        self._trouble(SUBJECT, text)

    async def stop(self) -> None:
        """All runs end, with the programs that they have started."""
        tasks = list(self._tasks.values())
        if self._looking is not None:
            tasks.append(self._looking)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

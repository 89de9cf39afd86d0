"""The runner process: runs the operator's scripts, and tells operators of changes.

Knows which scripts there are and the messages to and from the supervisor. Must not know VRRP. It
has every right of root, for it becomes each script's user; so it reads nothing from the network but
the replies of the mail server.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any

from halod.daemon.channel import Channel
from halod.daemon.check_run import CheckRun
from halod.daemon.dumps.signal_names import DUMP_SIGNALS
from halod.daemon.fact_message import fact_message, last_words
from halod.daemon.model_memory import HandedDown, read_model
from halod.daemon.notice_message import notice_in
from halod.daemon.notifier.notifier import Notifier
from halod.daemon.observation import Observation
from halod.daemon.server_checks import ServerChecks
from halod.daemon.server_notice_message import server_notice_in
from halod.daemon.tracker_message import tracker_message
from halod.kernel.account import Account, default_account, find_account
from halod.kernel.clock import boot_now
from halod.kernel.process_guise import name_process
from halod.kernel.process_setup import prepare_runner
from halod.kernel.program import give_umask
from halod.model.command import Command
from halod.model.configuration import Configuration
from halod.model.event import TrackerReported
from halod.model.fact import CheckChanged, Severity
from halod.model.script import VrrpScript
from halod.model.tracking import TrackerId

__all__ = ["ALIVE_EVERY_S", "main"]

ALIVE_EVERY_S = 1.0
"""Between two signs of life."""
LAST_WORDS_DEADLINE_S = 0.5
"""How long a supervisor that is busy may take to hear what was said last."""
EXIT_BROKEN = 1
OBSERVATION = "\0observation"
"""Among the tasks: no script has such a name."""


class Runner:
    """One life of the process."""

    def __init__(self, model: HandedDown, channel: Channel) -> None:
        self._channel = channel
        self._stopping = asyncio.Event()
        self._checks: dict[str, CheckRun] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._observation: Observation | None = None
        self._broken: BaseException | None = None
        self._notifier = Notifier(
            _resolve, _owner, (boot_now, time.time), self._tell_line, self._trouble
        )
        self._servers = ServerChecks(self._say, self._start, self._trouble)
        self._adopt(model.configuration, model.reports)
        self._servers.adopt(model.configuration.virtual_servers, model.verdicts)

    async def run(self) -> None:
        """Returns after a stop; raises what broke a check."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        loop.add_reader(self._channel.fileno(), self._heed)
        self._say({"type": "ready"})
        while not self._stopping.is_set():
            self._say({"type": "alive"})
            try:
                async with asyncio.timeout(ALIVE_EVERY_S):
                    await self._stopping.wait()
            except TimeoutError:
                continue
        # Where it was a signal: what was said before it.
        self._heed()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._servers.stop()
        await self._notifier.stop()
        loop.remove_reader(self._channel.fileno())
        loop.remove_writer(self._channel.fileno())
        if self._broken is not None:
            raise self._broken

    # ---- which scripts ---------------------------------------------------------------------

    def _adopt(self, configuration: Configuration, reports: Iterable[TrackerReported] = ()) -> None:
        """What did not change runs on; what changed keeps what it is, as in keepalived."""
        name_process(configuration.daemon.names.runner)
        give_umask(configuration.daemon.umask)
        self._notifier.adopt(configuration)
        self._tells = configuration.tells_anybody
        wanted = {script.name: script for script in configuration.scripts}
        said = {report.tracker: report.up for report in reports}
        before = {check.script.tracker: check.up for check in self._checks.values()}
        for name, check in list(self._checks.items()):
            if wanted.get(name) != check.script:
                self._tasks.pop(name).cancel()
                del self._checks[name]
        for script in configuration.scripts:
            if script.name not in self._checks:
                up = before.get(script.tracker, said.get(script.tracker))
                self._begin(script, up)
        self._observe(configuration, said)

    def _observe(self, configuration: Configuration, said: Mapping[TrackerId, bool]) -> None:
        """Processes and files: one look for all of them."""
        wanted = configuration.processes, configuration.files
        old = self._observation
        if old is not None and (old.processes, old.files) == wanted:
            return
        if old is not None:
            self._tasks.pop(OBSERVATION).cancel()
            self._observation = None
        if any(wanted):
            before = {**said, **(old.known if old is not None else {})}
            self._observation = Observation(*wanted, before, self._report, self._trouble)
            self._tasks[OBSERVATION] = self._start(self._observation.go_on())

    def _begin(self, script: VrrpScript, before: bool | None) -> None:
        # Named by the supervisor, which has looked for it: asked again, for it is root's to give.
        account = find_account(script.command.user, script.command.group)
        check = CheckRun(script, account, before, self._report, self._tell)
        self._checks[script.name] = check
        self._tasks[script.name] = self._start(check.go_on())

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(self._check_ended)
        return task

    def _check_ended(self, task: asyncio.Task[None]) -> None:
        """It never does by itself: what nobody had thought of ends the process, and is told."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._broken = error
            self._stopping.set()

    # ---- the supervisor --------------------------------------------------------------------

    def _heed(self) -> None:
        for message in self._channel.receive():
            if message.get("type") == "view":
                self._push_view()
            elif (notice := notice_in(message)) is not None:
                self._notifier.notice(notice)
            elif (told := server_notice_in(message)) is not None:
                self._notifier.server_notice(told)
            elif self._servers.heed(message):
                pass
            elif message.get("type") == "stop":
                self._stopping.set()
            elif message.get("type") == "reload":
                model = read_model(self._channel.descriptors.popleft())
                self._adopt(model.configuration)
                self._servers.adopt(model.configuration.virtual_servers)
                self._say({"type": "reloaded", "generation": int(message["generation"])})
        if self._channel.closed:
            # The supervisor is gone: what it would have told us is a clean stop.
            self._stopping.set()

    def _push_view(self) -> None:
        now = asyncio.get_running_loop().time()
        checks = [check.view(now) for check in self._checks.values()]
        told = self._notifier.figures() if self._tells else {}
        self._say({"type": "checks", "checks": checks, "notifications": told})

    def _report(self, report: TrackerReported) -> None:
        self._say(tracker_message(report))

    def _tell_line(self, severity: Severity, text: str) -> None:
        self._say(
            {
                "type": "fact",
                "severity": int(severity),
                "text": text,
                "fields": {"fact": "Notified", "instance": ""},
            }
        )

    def _trouble(self, subject: str, text: str) -> None:
        self._say({"type": "trouble", "subject": subject, "text": text})

    def _tell(self, fact: CheckChanged) -> None:
        self._say(fact_message(fact))

    def _say(self, message: dict[str, object]) -> None:
        self._channel.send(message)
        if self._channel.wants_to_write:
            loop = asyncio.get_running_loop()
            loop.add_writer(self._channel.fileno(), self._flush)

    def _flush(self) -> None:
        self._channel.flush()
        if not self._channel.wants_to_write:
            asyncio.get_running_loop().remove_writer(self._channel.fileno())


def _resolve(command: Command) -> tuple[tuple[str, ...], Account] | str:
    """Path and user are those that the supervisor found when it read the file."""
    account = find_account(command.user, command.group)
    return account if isinstance(account, str) else (command.argv, account)


def _owner(user: str, group: str) -> Account | str:
    """Whose a named pipe is."""
    return find_account(user, group) if user else default_account()


async def _live(model: HandedDown, channel: Channel) -> None:
    await Runner(model, channel).run()


def main(arguments: list[str]) -> None:
    """`CHANNEL MODEL GENERATION PARENT`: descriptors and numbers."""
    channel_fd, model_fd, _, parent = map(int, arguments[:4])
    channel = Channel(socket.socket(fileno=channel_fd))
    # The supervisor reloads and dumps; a signal to all of halod must not end us.
    for ignored in (signal.SIGHUP, *DUMP_SIGNALS):
        signal.signal(ignored, signal.SIG_IGN)
    prepare_runner(parent)
    broken = False
    try:
        asyncio.run(_live(read_model(model_fd), channel))
    except Exception as error:  # noqa: BLE001 - told, and then the process ends with it
        broken = True
        channel.send(last_words("runner", error))
    channel.drain(LAST_WORDS_DEADLINE_S)
    if broken:
        sys.exit(EXIT_BROKEN)


if __name__ == "__main__":
    main(sys.argv[1:])

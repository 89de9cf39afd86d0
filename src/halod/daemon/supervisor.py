"""The parent: reads the files once, keeps its children alive, answers operators.

Knows which child there is, and what each says to whom. Must not take part in VRRP.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from halod.config.memory import Memory
from halod.daemon.balancing import Balancing
from halod.daemon.configurations import Configurations
from halod.daemon.control import ControlServer
from halod.daemon.dumps.dumps import Dumps
from halod.daemon.fault import cause_of
from halod.daemon.hearing import (
    Alive,
    Checks,
    Fact,
    Nonsense,
    Ready,
    Reloaded,
    Said,
    Trouble,
    View,
)
from halod.daemon.heartbeat_keeper import HeartbeatKeeper
from halod.daemon.logs import Log
from halod.daemon.neighbours import Claims
from halod.daemon.once_scripts import run_once
from halod.daemon.options import Options
from halod.daemon.orphans import reap_orphans
from halod.daemon.pid_file import remove_pid_file, write_pid_file
from halod.daemon.reload import Reload
from halod.daemon.reload_time import ReloadTime
from halod.daemon.runner_keeper import RunnerKeeper
from halod.daemon.saved_reloads import SavedReloads
from halod.daemon.startup import Loaded
from halod.daemon.status import Status
from halod.daemon.tracker_memory import TrackerMemory
from halod.daemon.verdict_message import VerdictBatch
from halod.daemon.voice import Voice
from halod.daemon.watch import TICK
from halod.kernel.clock import boot_now
from halod.kernel.process_guise import name_process
from halod.kernel.program import give_umask
from halod.kernel.sd_notify import notify
from halod.model.daemon_settings import DaemonSettings
from halod.model.event import TrackerReported
from halod.model.fact import Severity
from halod.model.notice import Notice
from halod.model.printable import printable

__all__ = ["Supervisor"]

WATCHDOG_TICKS = 10
"""Ticks between two signs of life to systemd: its shortest patience is a multiple of that. Orphans
need no more haste."""


class Supervisor:
    """One run of the daemon, from a loaded configuration to the clean stop."""

    def __init__(
        self, options: Options, loaded: Loaded, memory: Memory, claims: Claims, log: Log
    ) -> None:
        """`memory`: what the reading of `loaded` left."""
        assert loaded.configuration is not None
        self._options = options
        self._log = log
        self._configurations = Configurations(loaded.configuration)
        self._status = Status(
            os.getpid(),
            printable(options.config_file),
            boot_now(),
            router_id=loaded.configuration.router_id,
            findings=list(loaded.findings),
        )
        self._voice = Voice(log, self._status)
        self._heartbeat = HeartbeatKeeper(
            options, self._configurations, self._status, self._voice, self._heed
        )
        self._trackers = TrackerMemory()
        self._runner = RunnerKeeper(
            self._configurations, self._trackers, self._status, self._voice, self._heed_runner
        )
        self._balancing = Balancing(
            options, self._configurations, self._status, self._voice, self._runner
        )
        shown = lambda: (self._configurations.running, self._status.view)  # noqa: E731
        servers = lambda: self._status.virtual_servers  # noqa: E731
        self._dumps = Dumps(self._refresh_for_dump, shown, servers, log)
        saved = SavedReloads(self._dumps.state, self._refresh_for_dump, self._voice)
        saved.started(loaded.configuration.daemon.config_save_dir, loaded.sources)
        self._reload = Reload(
            options,
            memory,
            claims,
            self._configurations,
            self._status,
            self._voice,
            self._heartbeat.reload,
            saved,
        )
        self._reload_time = ReloadTime(log.tell)
        self._ticks = 0
        self._stopping = asyncio.Event()
        self._ready_told = False

    # ---- one run ---------------------------------------------------------------------------

    async def run(self) -> int:
        """Exit status: 0 after a clean stop."""
        loop = asyncio.get_running_loop()
        handlers: dict[int, Callable[[], object]] = {
            signal.SIGTERM: self._stopping.set,
            signal.SIGINT: self._stopping.set,
            signal.SIGHUP: self._reload.hang_up,
            **self._dumps.handlers(),
        }
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        # asyncio has the interpreter warn of a full pipe, from within the C handler and under a
        # lock that the interrupted thread may hold: a storm of SIGHUP could stop it for ever.
        signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)
        daemon = self._become()
        self._reload.read_once()
        # Before a reload can come, which would start what it is to come before.
        self._tell_once(await run_once(daemon.startup, "startup_script", self._stopping))
        # What came while we started comes now.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, handlers)
        loop.set_exception_handler(self._fault)
        control = ControlServer(Path(self._options.run_dir), self._answer)
        try:
            await control.start()
        except OSError as error:
            self._voice.trouble("control socket", f"{error.strerror}: haloctl cannot ask")
        pid_file = Path(self._options.pid_file)
        self._voice.trouble("pid file", write_pid_file(pid_file, os.getpid()) or "")
        if not self._stopping.is_set():
            self._heartbeat.release_leftovers()
            self._heartbeat.begin()
            self._observe()
            if not self._heartbeat.wanted:
                self._tell_ready()
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(TICK.as_seconds()):
                    await self._stopping.wait()
            except TimeoutError:
                self._tick()
        self._reload.end()
        notify("STOPPING=1", "STATUS=stopping")
        await self._heartbeat.stop()
        await self._balancing.stop()
        await self._runner.stop()
        await control.stop()
        over = self._configurations.running.daemon.shutdown
        self._tell_once(await run_once(over, "shutdown_script", asyncio.Event()))
        remove_pid_file(pid_file, os.getpid())
        self._log.tell(Severity.NOTICE, "stopped")
        # The loop gives its handlers back before the process ends: a late one must not kill it.
        signal.pthread_sigmask(signal.SIG_BLOCK, handlers)
        return 0

    def _become(self) -> DaemonSettings:
        daemon = self._configurations.running.daemon
        name_process(daemon.names.supervisor)
        give_umask(daemon.umask)
        if daemon.umask is not None and self._options.umask is None:
            os.umask(daemon.umask)
        return daemon

    def _tell_once(self, wrong: str) -> None:
        if wrong:
            self._log.tell(Severity.WARNING, wrong)

    def _tick(self) -> None:
        self._ticks += 1
        if self._ticks % WATCHDOG_TICKS == 0:
            notify("WATCHDOG=1")
            reap_orphans(self._status.children)
        self._heartbeat.tick()
        self._runner.tick()
        self._balancing.tick()
        self._balancing.vrrp_states(self._heartbeat.states())
        daemon = self._configurations.running.daemon
        path, repeats = daemon.reload_time_file, daemon.reload_repeat
        if self._reload_time.tick(path, time.time(), repeats=repeats):
            self._reload.hang_up()

    # ---- what the children say -------------------------------------------------------------

    def _heed(self, said: Said) -> None:
        match said:
            case Fact(severity, text, fields):
                self._log.tell(severity, text, fields)
            case View(values):
                self._heartbeat.viewed(values)
            case Ready():
                self._dumps.heartbeat_started()
                self._heartbeat.tell_trackers(self._trackers.reports)
                self._tell_ready()
            case Reloaded(generation):
                if self._reload.taken_up(generation):
                    self._tell_ready()
                    self._observe()
            case Trouble(subject, text):
                self._voice.trouble(subject, text)
            case Notice():
                self._runner.notice(said)
                self._balancing.vrrp_states(self._heartbeat.states())
            case Nonsense(text):
                self._log.tell(Severity.ERROR, f"heartbeat said nonsense: {text}")
            case _:
                self._log.tell(Severity.ERROR, "heartbeat said what another process says")

    def _heed_runner(self, said: Said) -> None:
        match said:
            case Fact(severity, text, fields):
                self._log.tell(severity, text, fields)
            case Trouble(subject, text):
                self._voice.trouble(subject, text)
            case TrackerReported():
                if self._trackers.take(said, boot_now()):
                    self._heartbeat.tell_trackers((said,))
            case Ready():
                self._runner.alive()
                self._balancing.runner_ready()
            case Alive() | Reloaded():
                self._runner.alive()
            case VerdictBatch():
                self._balancing.verdicts("runner", said)
            case Checks(values, notifications):
                self._runner.viewed(values, notifications)
            case Nonsense(text):
                self._log.tell(Severity.ERROR, f"runner said nonsense: {text}")
            case _:
                self._log.tell(Severity.ERROR, "runner said what another process says")

    def _observe(self) -> None:
        """What the configuration in force wants to know, and no more, is asked from now on."""
        self._become()
        self._trackers.keep(self._configurations.running.observed)
        self._heartbeat.tell_trackers(self._trackers.reports)
        self._runner.adopt()
        self._balancing.adopt()

    def _tell_ready(self) -> None:
        running = self._configurations.running
        count, servers = len(running.instances), len(running.virtual_servers)
        also = f", {servers} virtual server{'' if servers == 1 else 's'}" if servers else ""
        instances = f"{count} VRRP instance{'' if count == 1 else 's'}"
        notify("READY=1", f"STATUS={instances}{also}")
        if not self._ready_told:
            self._ready_told = True
            verb = "listens" if count == 1 else "listen"
            self._log.tell(Severity.NOTICE, f"ready: {instances} {verb}{also}")

    def _fault(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What nobody had thought of: told, and the heartbeat is watched on."""
        error = context.get("exception")
        cause = cause_of(error) if isinstance(error, BaseException) else "no exception"
        self._voice.trouble("supervisor", f"{context.get('message')}: {cause}")

    async def _refresh_for_dump(self) -> None:
        await asyncio.gather(self._heartbeat.refresh_view(), self._balancing.refresh_view())

    # ---- answers ---------------------------------------------------------------------------

    async def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["command"]:
            case "status":
                await asyncio.gather(
                    self._heartbeat.refresh_view(),
                    self._runner.refresh_view(),
                    self._balancing.refresh_view(),
                )
                now = boot_now()
                return self._status.answer(now, self._log.lost, self._trackers.shown(now))
            case "server":
                return await self._balancing.order(request)
            case "reload":
                refused = self._reload.begin()
                return {"reload": "refused" if refused else "begun", "refused": refused}
            case other:
                return {"error": f"no command {str(other)[:40]!r}: status, reload or server"}

"""The parent: reads the files once, keeps the heartbeat alive, answers operators.

Knows which child runs with which configuration. Must not take part in VRRP, except to speak the
last words of a child that died.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from halod.daemon.child import HeartbeatChild
from halod.daemon.control import ControlServer
from halod.daemon.last_will import execute_last_will, release_addresses
from halod.daemon.logs import Log
from halod.daemon.neighbours import Claims, find_collision
from halod.daemon.options import Options
from halod.daemon.pid_file import remove_pid_file, write_pid_file
from halod.daemon.startup import Loaded, load_configuration
from halod.daemon.status import Status
from halod.daemon.vitals import Vitals
from halod.daemon.watch import TICK, CrashLimit, HangWatch
from halod.kernel.clock import boot_now
from halod.kernel.sd_notify import notify
from halod.model.configuration import Configuration
from halod.model.fact import Severity
from halod.model.state import State

__all__ = ["Supervisor"]

STOP_DEADLINE_S = 2.0
"""A heartbeat that does not stop cleanly within it is killed, and spoken for."""
VIEW_DEADLINE_S = 0.2
"""How long an operator's question waits for a fresh view before the last one must do."""


class Supervisor:
    """One run of the daemon, from a loaded configuration to the clean stop."""

    def __init__(self, options: Options, loaded: Loaded, claims: Claims, log: Log) -> None:
        assert loaded.configuration is not None
        self._options = options
        self._claims = claims
        self._log = log
        self._run_dir = Path(options.run_dir)
        self._configuration: Configuration = loaded.configuration
        self._generation = 1
        self._pending: Configuration | None = None
        """Handed down by a reload, not yet taken up by the child."""
        self._vitals = Vitals.create()
        self._child: HeartbeatChild | None = None
        self._hang = HangWatch()
        self._crashes = CrashLimit()
        self._stopping = asyncio.Event()
        self._fresh_view = asyncio.Event()
        self._ready_told = False
        self._status = Status(
            os.getpid(),
            options.config_file,
            boot_now(),
            router_id=self._configuration.router_id,
            findings=list(loaded.findings),
        )

    # ---- one run ---------------------------------------------------------------------------

    async def run(self) -> int:
        """Exit status: 0 after a clean stop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        control = ControlServer(self._run_dir, self._answer)
        try:
            await control.start()
        except OSError as error:
            self._trouble("control socket", f"{error.strerror}: haloctl cannot ask")
        self._pid_file(self._options.pid_file, os.getpid())
        self._release_leftovers()
        self._start_child()
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(TICK.as_seconds()):
                    await self._stopping.wait()
            except TimeoutError:
                self._tick()
        notify("STOPPING=1", "STATUS=stopping")
        await self._stop_child()
        await control.stop()
        remove_pid_file(Path(self._options.pid_file), os.getpid())
        self._log.tell(Severity.NOTICE, "stopped")
        return 0

    def _tick(self) -> None:
        notify("WATCHDOG=1")
        if self._child is not None and self._hang.look(self._vitals.pulse):
            self._log.tell(Severity.ALERT, f"heartbeat process {self._child.pid} hangs: ending it")
            self._bury(self._child.kill())

    def _release_leftovers(self) -> None:
        """What a killed predecessor left: a router that starts is BACKUP and holds nothing."""
        released, failed = release_addresses(self._configuration, self._options.run_dir)
        if released:
            self._log.tell(
                Severity.WARNING, f"removed what an earlier halod left: {', '.join(released)}"
            )
        if failed:
            self._trouble("addresses", f"left by an earlier halod, not removed: {failed[0]}")

    # ---- the child -------------------------------------------------------------------------

    def _start_child(self) -> None:
        self._vitals.clear()
        self._hang.restart()
        child = HeartbeatChild(
            self._configuration, self._generation, self._vitals, self._options.run_dir
        )
        self._child = child
        self._status.heartbeat_pid, self._status.heartbeat_down = child.pid, ""
        self._pid_file(self._options.vrrp_pid_file, child.pid)
        loop = asyncio.get_running_loop()
        loop.add_reader(child.channel.fileno(), self._child_speaks, child)
        loop.add_reader(child.pidfd, self._bury, True)

    def _bury(self, dead: bool) -> None:
        """The child died, or was made to: its death must not cost more than a clean stop."""
        child = self._child
        assert child is not None
        self._child = None
        masters = self._masters() if dead else ()
        told = execute_last_will(masters, self._configuration, self._options.run_dir)
        self._child_speaks(child)
        self._forget(child)
        code = child.reap() if dead else None
        remove_pid_file(Path(self._options.vrrp_pid_file), child.pid)
        if self._stopping.is_set():
            return
        how = "did not die within 100 ms" if code is None else _describe_exit(code)
        self._log.tell(Severity.ALERT, f"heartbeat process {child.pid} {how}; {told}")
        self._status.heartbeat_pid = None
        if self._pending is not None:
            self._configuration, self._pending = self._pending, None
        if self._crashes.may_restart(boot_now()):
            self._status.heartbeat_restarts += 1
            self._start_child()
        else:
            self._status.heartbeat_down = "it died 3 times within 60 s, the last time: " + how
            self._log.tell(Severity.ALERT, "heartbeat stays down: 3 deaths within 60 s")
            notify("STATUS=heartbeat is down: it died 3 times within 60 s")

    def _masters(self) -> tuple[str, ...]:
        """Names of the instances that were MASTER at the child's last instruction."""
        instances = self._configuration.instances
        if self._pending is not None and self._vitals.generation == self._generation:
            instances = self._pending.instances
        states = self._vitals.states(len(instances))
        return tuple(
            instance.name
            for instance, state in zip(instances, states, strict=True)
            if state is State.MASTER
        )

    async def _stop_child(self) -> None:
        child = self._child
        if child is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(child.pidfd)
        child.terminate()
        clean = await asyncio.to_thread(child.wait, STOP_DEADLINE_S)
        if not clean:
            self._log.tell(Severity.ERROR, "heartbeat did not stop in time: ending it")
            self._bury(child.kill())
            return
        self._child_speaks(child)
        self._forget(child)
        child.reap()
        self._child = None
        remove_pid_file(Path(self._options.vrrp_pid_file), child.pid)

    def _forget(self, child: HeartbeatChild) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(child.channel.fileno())
        loop.remove_reader(child.pidfd)

    # ---- what the child says ---------------------------------------------------------------

    def _child_speaks(self, child: HeartbeatChild) -> None:
        messages, _ = child.channel.receive()
        for message in messages:
            self._heed(message)
        if child.channel.closed:
            asyncio.get_running_loop().remove_reader(child.channel.fileno())

    def _heed(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "fact":
                severity = Severity(int(message.get("severity", Severity.NOTICE)))
                self._log.tell(severity, str(message.get("text")), message.get("fields"))
            case "view":
                self._status.view, self._status.viewed = message, boot_now()
                self._fresh_view.set()
            case "ready":
                self._tell_ready()
            case "reloaded":
                self._reloaded(int(message.get("generation", 0)))
            case "trouble":
                self._trouble(str(message.get("subject")), str(message.get("text")))
            case _:
                self._log.tell(Severity.ERROR, f"heartbeat said nonsense: {message!r:.80}")

    def _tell_ready(self) -> None:
        count = len(self._configuration.instances)
        notify("READY=1", f"STATUS={count} VRRP instance{'' if count == 1 else 's'}")
        if not self._ready_told:
            self._ready_told = True
            self._log.tell(Severity.NOTICE, f"ready: {count} VRRP instances listen")

    # ---- reload ----------------------------------------------------------------------------

    def _reload(self) -> None:
        """SIGHUP: a refused file keeps what runs, and says so."""
        notify("RELOADING=1", f"MONOTONIC_USEC={_monotonic_usec()}")
        loaded = load_configuration(self._options.config_file)
        for severity, line in loaded.told():
            self._log.tell(severity, line)
        if loaded.configuration is None:
            self._refuse_reload(loaded.findings)
            return
        collision = find_collision(loaded.configuration) or self._claims.take(loaded.configuration)
        if collision is not None:
            self._claims.take(self._configuration)
            self._refuse_reload((collision,))
            return
        self._status.refused = []
        self._status.findings = list(loaded.findings)
        self._generation += 1
        if self._child is None:
            self._configuration = loaded.configuration
            self._crashes = CrashLimit()
            self._start_child()
            self._reloaded(self._generation)
            return
        self._pending = loaded.configuration
        self._child.reload(loaded.configuration, self._generation)

    def _refuse_reload(self, reasons: Sequence[str]) -> None:
        self._status.refused = list(reasons)
        self._status.last_reload = "refused: the configuration before it runs on"
        self._log.tell(
            Severity.ERROR, f"reload refused, what ran before runs on unchanged: {reasons[0]}"
        )
        notify("READY=1", "STATUS=last reload refused")

    def _reloaded(self, generation: int) -> None:
        if generation != self._generation:
            return
        if self._pending is not None:
            self._configuration, self._pending = self._pending, None
        self._status.router_id = self._configuration.router_id
        self._status.last_reload = "done"
        self._log.tell(Severity.NOTICE, "configuration reloaded")
        self._tell_ready()

    # ---- answers ---------------------------------------------------------------------------

    async def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["command"]:
            case "status":
                await self._refresh_view()
                return self._status.answer(boot_now())
            case "reload":
                self._reload()
                refused = self._status.refused
                return {"reload": "refused" if refused else "begun", "refused": refused}
            case other:
                return {"error": f"no command {str(other)[:40]!r}: status or reload"}

    async def _refresh_view(self) -> None:
        """Asks the child for a fresh view; the last one must do if it is busy."""
        if self._child is None:
            return
        self._fresh_view.clear()
        self._child.channel.send({"type": "view"})
        try:
            async with asyncio.timeout(VIEW_DEADLINE_S):
                await self._fresh_view.wait()
        except TimeoutError:
            return

    def _trouble(self, subject: str, text: str) -> None:
        if not text:
            self._status.troubles.pop(subject, None)
            return
        self._status.troubles[subject] = text
        self._log.tell(Severity.WARNING, f"{subject}: {text}")

    def _pid_file(self, path: str, pid: int) -> None:
        reason = write_pid_file(Path(path), pid)
        if reason is not None:
            self._trouble("pid file", reason)


def _describe_exit(code: int) -> str:
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"was killed by {name}"
    return f"ended with status {code}"


def _monotonic_usec() -> int:
    """sd_notify(3): CLOCK_MONOTONIC, for RELOADING=1."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000

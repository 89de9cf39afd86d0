"""The supervisor's part for virtual servers: two children, and the roads between all of them.

    checker, runner --verdicts--> here --> service --taken--> here --> checker, runner
    heartbeat --states--> here --> service --suspend--> here --> checker, runner
    service --notices--> here --> runner

Knows who hears what. Must not know what follows from a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from halod.daemon.checker_keeper import CheckerKeeper
from halod.daemon.configurations import Configurations
from halod.daemon.hearing import (
    Alive,
    BalancePage,
    Fact,
    Nonsense,
    Ordered,
    Ready,
    Reloaded,
    Said,
    Suspended,
    Taken,
    Trouble,
)
from halod.daemon.options import Options
from halod.daemon.pid_file import remove_pid_file, write_pid_file
from halod.daemon.runner_keeper import RunnerKeeper
from halod.daemon.server_names import UnknownServerError, find_servers
from halod.daemon.service_keeper import ServiceKeeper
from halod.daemon.status import Status
from halod.daemon.verdict_message import VerdictBatch, taken_message, verdicts_message
from halod.daemon.voice import Voice
from halod.model.balance_effect import ServerNotice
from halod.model.balance_event import Admin
from halod.model.command import Command
from halod.model.fact import Severity
from halod.model.state import State

__all__ = ["Balancing"]

_ORDERS = {
    "drain": Admin.DRAINING,
    "enable": Admin.ENABLED,
    "disable": Admin.DISABLED,
}
LASTING_MAX_S = 366 * 24 * 3600.0
"""Of an order that ends by itself."""


class Balancing:
    """Of one run of the daemon."""

    def __init__(
        self,
        options: Options,
        configurations: Configurations,
        status: Status,
        voice: Voice,
        runner: RunnerKeeper,
    ) -> None:
        self._configurations = configurations
        self._status = status
        self._voice = voice
        self._runner = runner
        self._pid_file = Path(options.checkers_pid_file)
        self._noted: int | None = None
        """What the pid file of the checker says."""
        self._service = ServiceKeeper(options, configurations, status, voice, self._heed_service)
        self._checker = CheckerKeeper(configurations, status, voice, self._heed_checker)
        self._suspended: tuple[str, ...] = ()
        """Titles of virtual servers that are not checked now."""
        self._states: dict[str, str] = {}
        self._programs: frozenset[Command] = frozenset()
        """Those of the configuration in force."""
        self._known_programs: frozenset[Command] = frozenset()
        """What may be run in the name of a server."""

    # ---- its life --------------------------------------------------------------------------

    def adopt(self) -> None:
        """A configuration is in force, the first or another."""
        before = self._programs
        self._programs = frozenset(
            program
            for server in self._configurations.running.virtual_servers
            if server.runs_programs
            for program in server.programs()
        )
        # Those of servers that go now are still run.
        self._known_programs = self._programs | before
        self._service.adopt()
        self._checker.adopt()

    def tick(self) -> None:
        """Once every `TICK`."""
        self._service.tick()
        self._checker.tick()
        self._note_checker()

    def _note_checker(self) -> None:
        """The pid file of the checker."""
        pid, before = self._status.checker.pid, self._noted
        if pid == before:
            return
        self._noted = pid
        if pid is not None:
            failed = write_pid_file(self._pid_file, pid)
            self._voice.trouble("pid file of the checker", failed or "")
        elif before is not None:
            remove_pid_file(self._pid_file, before)

    async def stop(self) -> None:
        """First who looks, then who acts: nothing is found any more that would have to be done."""
        await self._checker.stop()
        self._note_checker()
        await self._service.stop()

    async def refresh_view(self) -> None:
        """Of the service."""
        await self._service.refresh_view()

    # ---- what others say -------------------------------------------------------------------

    def vrrp_states(self, states: Mapping[str, State]) -> None:
        """Of all instances, whenever they may have changed."""
        lvs = self._configurations.running.lvs
        if lvs is None or lvs.sync_daemon is None:
            return
        told = {name: state.value for name, state in states.items()}
        if told != self._states:
            self._states = told
            self._service.send({"type": "vrrp", "states": told})

    def verdicts(self, whose: str, batch: VerdictBatch) -> None:
        """Without a service they wait where they are: the next one has them told again."""
        self._service.send({**verdicts_message(batch), "of": whose})

    def runner_ready(self) -> None:
        """There is a new one."""
        self._runner.send({"type": "suspend", "virtual_servers": list(self._suspended)})

    def _heed_service(self, said: Said) -> None:
        match said:
            case Fact(severity, text, fields):
                self._voice.tell(severity, text, fields)
            case Trouble(subject, text):
                self._voice.trouble(subject, text)
            case Ready():
                self._service.alive()
                self._service.send({"type": "vrrp", "states": self._states})
                self._checker.retell()
                self._runner.send({"type": "retell"})
            case Alive() | Reloaded():
                self._service.alive()
            case Taken("checker", number):
                self._checker.taken(number)
            case Taken("runner", number):
                self._runner.send(taken_message(number))
            case Suspended(titles):
                self._suspended = titles
                self._checker.suspend(titles)
                self.runner_ready()
            case ServerNotice(command=command) if (
                command is None or command in self._known_programs
            ):
                self._runner.notice(said)
            case Ordered(number):
                self._service.ordered(number)
            case BalancePage():
                self._service.viewed(said)
            case Nonsense(text):
                self._voice.tell(Severity.ERROR, f"service said nonsense: {text}")
            case _:
                self._voice.tell(Severity.ERROR, f"service said {type(said).__name__}")

    def _heed_checker(self, said: Said) -> None:
        match said:
            case Fact(severity, text, fields):
                self._voice.tell(severity, text, fields)
            case Trouble(subject, text):
                self._voice.trouble(subject, text)
            case Ready() | Reloaded():
                pass
            case VerdictBatch():
                self.verdicts("checker", said)
            case Nonsense(text):
                self._voice.tell(Severity.ERROR, f"checker said nonsense: {text}")
            case _:
                self._voice.tell(Severity.ERROR, f"checker said {type(said).__name__}")

    # ---- operators -------------------------------------------------------------------------

    async def order(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """`{"command": "server", "order", "virtual_server", "real_server", "for_s"}`."""
        match request:
            case {
                "order": str(order),
                "virtual_server": str(virtual),
                "real_server": str(real),
                "for_s": float() | int() | None as lasting_s,
            } if order in _ORDERS and (lasting_s is None or 0 < lasting_s <= LASTING_MAX_S):
                pass
            case _:
                return {"error": "a server is told drain, enable or disable, and for how long"}
        known = self._configurations.running.virtual_servers
        if not known:
            return {"error": "the configuration has no virtual server"}
        try:
            server, real_server = find_servers(known, virtual, real)
        except UnknownServerError as error:
            return {"error": str(error)}
        message = {
            "virtual_server": server.title,
            "address": str(real_server.endpoint.address),
            "port": real_server.endpoint.port,
            "order": _ORDERS[order].value,
            "for_s": lasting_s,
        }
        names = {"virtual_server": server.title, "real_server": str(real_server.endpoint)}
        if not await self._service.order(message):
            return {
                "error": "the service process does not answer yet, and may still carry the order"
                " out: `haloctl status` says more"
            }
        await self.refresh_view()
        return names

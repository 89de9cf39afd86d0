"""The programs of virtual servers on this machine: what cannot be run is left out, and told.

Knows which programs tell of a server or check one. Must not look at files itself.
"""

from __future__ import annotations

from dataclasses import replace

from halod.kernel.script_files import Unfit, fit_command
from halod.model.check import Check, MiscCheck
from halod.model.command import Command
from halod.model.configuration import Configuration
from halod.model.printable import printable
from halod.model.script import ScriptSettings
from halod.model.virtual_server import RealServer, VirtualServer

__all__ = ["fit_servers"]


def fit_servers(configuration: Configuration) -> tuple[Configuration, list[str]]:
    """The configuration as it can run here, and a line for each thing that is not as written."""
    if not configuration.virtual_servers:
        return configuration, []
    fitting = _Fitting(configuration.programs)
    servers = tuple(map(fitting.virtual, configuration.virtual_servers))
    return replace(configuration, virtual_servers=servers), fitting.told


class _Fitting:
    def __init__(self, settings: ScriptSettings) -> None:
        self._settings = settings
        self._known: dict[Command, tuple[Command | Unfit, str]] = {}
        """Many servers run the same program."""
        self.told: list[str] = []

    def virtual(self, server: VirtualServer) -> VirtualServer:
        """Most have no program at all: those stay the same objects."""
        if not server.runs_programs:
            return server
        name = server.title
        return replace(
            server,
            quorum_up=self._notify(server.quorum_up, f"quorum_up of {name}"),
            quorum_down=self._notify(server.quorum_down, f"quorum_down of {name}"),
            real_servers=tuple(self._real(each, name) for each in server.real_servers),
        )

    def _real(self, real: RealServer, of: str) -> RealServer:
        """Likewise."""
        programs = real.notify_up or real.notify_down
        if not programs and not any(isinstance(check, MiscCheck) for check in real.checks):
            return real
        name = f"{real.endpoint} of {of}"
        return replace(
            real,
            notify_up=self._notify(real.notify_up, f"notify_up of {name}"),
            notify_down=self._notify(real.notify_down, f"notify_down of {name}"),
            checks=tuple(c for each in real.checks if (c := self._check(each, name)) is not None),
        )

    def _check(self, check: Check, name: str) -> Check | None:
        if not isinstance(check, MiscCheck):
            return check
        after = "the server counts as well without it"
        fitted = self._command(check.command, f"MISC_CHECK of {name}", after)
        return None if fitted is None else replace(check, command=fitted)

    def _notify(self, command: Command | None, what: str) -> Command | None:
        return None if command is None else self._command(command, what, "")

    def _command(self, command: Command, what: str, after: str) -> Command | None:
        if command not in self._known:
            self._known[command] = fit_command(command, self._settings)
        fitted, warning = self._known[command]
        if warning:
            self.told.append(printable(f"{what}: {warning}"))
        if isinstance(fitted, Unfit):
            also = f", and {after}" if after else ""
            self.told.append(
                printable(f"{what} is left out{also}: {fitted.reason}. Mend it, and reload")
            )
            return None
        return fitted

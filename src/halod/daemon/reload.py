"""A reload: the file is read, and either refused or handed on. What runs never suffers from it.

Knows that signals come in crowds, and that one configuration at a time is on its way. Must not
know the children.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from halod.config.memory import Memory
from halod.daemon.configurations import Configurations
from halod.daemon.missing_interfaces import missing_interfaces
from halod.daemon.neighbours import Claims, find_collision
from halod.daemon.options import Options
from halod.daemon.reload_file import DEFAULT_NAME, being_read, remove_reload_file
from halod.daemon.saved_reloads import SavedReloads
from halod.daemon.startup import configuration_of
from halod.daemon.status import Status
from halod.daemon.voice import Voice
from halod.kernel.sd_notify import notify, reloading
from halod.model.configuration import Configuration
from halod.model.fact import Severity
from halod.model.virtual_server import LvsSettings

__all__ = ["Reload"]


class Reload:
    """Of one run of the daemon."""

    def __init__(
        self,
        options: Options,
        memory: Memory,
        claims: Claims,
        configurations: Configurations,
        status: Status,
        voice: Voice,
        hand_down: Callable[[], None],
        saved: SavedReloads,
    ) -> None:
        """`memory`: what was read last. `hand_down`: the configuration that is pending goes to the
        children."""
        self._options = options
        self._memory = memory
        self._claims = claims
        self._configurations = configurations
        self._status = status
        self._voice = voice
        self._hand_down = hand_down
        self._saved = saved
        self._hung_up = False
        """SIGHUP came and the file is about to be read: once, however often it came."""
        self._again = False
        """Asked for meanwhile: the file is read once more when the children are done."""
        self._over = False

    def hang_up(self) -> None:
        """The file is read once for all the signals that came while it was read last."""
        if not self._hung_up:
            self._hung_up = True
            asyncio.get_running_loop().call_soon(self._begin_for_signal)

    def end(self) -> None:
        """The daemon stops: no file is read any more."""
        self._over = True

    def _begin_for_signal(self) -> None:
        self._hung_up = False
        self.begin()

    def begin(self) -> list[str]:
        """A refused file keeps what runs, and says so. Why it was refused, if it was."""
        if self._over:
            return []
        if self._configurations.pending is not None:
            self._again = True
            return []
        reloading()
        with being_read(self._reload_file()) as trouble:
            loaded = configuration_of(self._options, self._memory)
        self._voice.trouble("reload file", trouble)
        for severity, line in loaded.told():
            self._voice.tell(severity, line)
        if loaded.configuration is None:
            return self._refuse(loaded.reasons())
        moved = self._moved(loaded.configuration)
        if moved:
            return self._refuse((moved,))
        missing = missing_interfaces(loaded, self._configurations.running)
        if missing:
            return self._refuse(missing)
        collision = find_collision(loaded.configuration) or self._claims.take(loaded.configuration)
        if collision is not None:
            self._claims.take(self._configurations.running)
            return self._refuse((collision,))
        self._status.refused = []
        self._status.reloading = True
        self._status.findings = list(loaded.findings)
        self._saved.begins(loaded.configuration.daemon.config_save_dir, loaded.sources)
        self._configurations.offer(loaded.configuration)
        self._hand_down()
        return []

    def read_once(self) -> None:
        """The daemon has started: what was made to tell of the first reading is removed."""
        remove_reload_file(self._reload_file())

    def _reload_file(self) -> Path | None:
        name = self._configurations.running.daemon.reload_file
        if name is None:
            return None
        return Path(name) if name else Path(self._options.run_dir, DEFAULT_NAME)

    def _moved(self, wanted: Configuration) -> str:
        """What only a restart can change: sockets stay where they were made."""
        running = self._configurations.running
        for keyword, before, after in (
            ("net_namespace", running.net_namespace, wanted.net_namespace),
            ("instance", running.instance, wanted.instance),
            *_of_table(running, wanted),
        ):
            if before != after:
                return (
                    f"{keyword} was {before or 'not set'} and is now {after or 'not set'}: "
                    "that takes a restart"
                )
        return ""

    def _refuse(self, reasons: Sequence[str]) -> list[str]:
        self._status.refused = list(reasons)
        self._status.reloading = False
        self._status.last_reload = "refused: the configuration before it runs on"
        self._voice.tell(
            Severity.ERROR, f"reload refused, what ran before runs on unchanged: {reasons[0]}"
        )
        notify("READY=1", "STATUS=last reload refused")
        return self._status.refused

    def taken_up(self, generation: int) -> bool:
        """The heartbeat has a configuration; whether it is the one that was on its way."""
        if not self._configurations.taken_up(generation):
            return False
        self._saved.done(self._configurations.running.daemon.config_save_dir)
        self._status.router_id = self._configurations.running.router_id
        self._status.last_reload = "done"
        self._status.reloading = self._again
        self._voice.tell(Severity.NOTICE, "configuration reloaded")
        if self._again:
            self._again = False
            asyncio.get_running_loop().call_soon(self.begin)
        return True


def _of_table(running: Configuration, wanted: Configuration) -> tuple[tuple[str, str, str], ...]:
    """Where the virtual servers stand, and in what; they would have to move from one to another."""
    if not (running.virtual_servers and wanted.virtual_servers):
        return ()
    before, after = running.lvs or LvsSettings(), wanted.lvs or LvsSettings()
    return (
        ("net_namespace_ipvs", before.net_namespace, after.net_namespace),
        ("lvs_engine", before.engine.value, after.engine.value),
    )

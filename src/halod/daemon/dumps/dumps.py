"""Dumps on signals: which signal writes which file, of one run of the daemon.

Knows the signals, the settings and the figures at the last clearing. Must not know a file format.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from halod.daemon.dumps.check_dump import check_dump
from halod.daemon.dumps.data_dump import data_dump
from halod.daemon.dumps.figures import Counters, Figures, figures_of
from halod.daemon.dumps.files import dump_path, write_dump
from halod.daemon.dumps.json_dump import json_dump
from halod.daemon.dumps.signal_names import (
    DATA,
    DUMP_SIGNALS,
    JSON,
    STATS,
    STATS_CLEAR,
    THREAD_DUMP,
)
from halod.daemon.dumps.stats_dump import stats_dump
from halod.daemon.logs import Log
from halod.model.configuration import Configuration
from halod.model.fact import Severity

__all__ = ["Dumps"]


class Dumps:
    """Writes what was asked for, one after another, each with a view that is fresh."""

    def __init__(
        self,
        refresh: Callable[[], Awaitable[None]],
        shown: Callable[[], tuple[Configuration, Mapping[str, Any]]],
        servers: Callable[[], Sequence[Mapping[str, Any]]],
        log: Log,
    ) -> None:
        """`shown`: the configuration that runs and the last view, after a `refresh`; `servers`:
        likewise of virtual servers."""
        self._refresh = refresh
        self._shown = shown
        self._servers = servers
        self._log = log
        self._cleared: dict[str, Counters] = {}
        self._wanted: list[int] = []
        self._writing: asyncio.Task[None] | None = None

    def handlers(self) -> dict[int, Callable[[], object]]:
        """By signal."""
        return {number: partial(self._asked, number) for number in DUMP_SIGNALS}

    def heartbeat_started(self) -> None:
        """Its counters begin at 0."""
        self._cleared.clear()

    def _asked(self, number: int) -> None:
        if number == THREAD_DUMP:
            self._log.tell(Severity.NOTICE, "SIGRTMAX is for keepalived's threads: nothing to do")
            return
        if number not in self._wanted:
            self._wanted.append(number)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write_all())

    async def _write_all(self) -> None:
        """Everything that is wanted; a signal that comes meanwhile is served too."""
        while self._wanted:
            number = self._wanted.pop(0)
            await self._refresh()
            self._write(number)

    def _write(self, number: int) -> None:
        configuration, view = self._shown()
        cleared = {} if number == STATS_CLEAR else self._cleared
        figures = figures_of(configuration, view, cleared, time.time())
        if number == STATS_CLEAR:
            self._cleared = {each.config.name: each.counters for each in figures}
            return
        self._store(*_file_of(number, configuration, figures))
        if number == DATA and configuration.virtual_servers:
            # Beside the other one, by its own name.
            folder, slash, _ = configuration.dumps.state_file.rpartition("/")
            name = f"keepalived_check{_marks(configuration)}.data"
            content = check_dump(configuration, self._servers())
            self._store((f"{folder}{slash}", name), content)

    def state(self) -> bytes:
        """What SIGUSR1 writes, by the view that is known."""
        configuration, view = self._shown()
        figures = figures_of(configuration, view, self._cleared, time.time())
        return data_dump(configuration, figures)

    def _store(self, path: tuple[str, str], content: bytes) -> None:
        reason = write_dump(dump_path(*path), content)
        if reason is not None:
            self._log.tell(Severity.ERROR, f"dump not written: {reason}")


def _file_of(
    number: int, configuration: Configuration, figures: tuple[Figures, ...]
) -> tuple[tuple[str, str], bytes]:
    """(path that was asked for, usual name), and the content."""
    settings = configuration.dumps
    if number == JSON:
        content = json_dump(figures, settings.json_version)
        return (settings.json_file, "keepalived.json"), content
    if number == STATS:
        return (settings.stats_file, "keepalived.stats"), stats_dump(figures)
    assert number == DATA
    name = f"keepalived{_marks(configuration)}.data"
    return (settings.state_file, name), data_dump(configuration, figures)


def _marks(configuration: Configuration) -> str:
    """What tells the files of several daemons apart; empty, or with a dot before it."""
    if not configuration.dumps.use_instance:
        return ""
    whose = (configuration.net_namespace, configuration.instance)
    marks = "_".join(name for name in whose if name)
    return f".{marks}" if marks else ""

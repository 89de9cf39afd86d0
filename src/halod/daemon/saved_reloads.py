"""`config_save_dir`: what was read at the start and at each reload, and what was there around it.

Knows keepalived's names of these files, and that the folder may be missing. Must not know what is
in a dump. Where nothing can be written that is told, and the reload goes on.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from halod.daemon.dumps.files import write_dump
from halod.daemon.voice import Voice

__all__ = ["SavedReloads"]

FOLDER_MODE = 0o700


def _bytes_of(sources: str) -> bytes:
    """As they stood in the files, whatever their encoding."""
    return sources.encode("utf-8", "surrogateescape")


class SavedReloads:
    """Of one run of the daemon; reloads are counted from 1."""

    def __init__(
        self, state: Callable[[], bytes], refresh: Callable[[], Awaitable[None]], voice: Voice
    ) -> None:
        """`state`: what SIGUSR1 writes, by the view that is known; `refresh`: has it known anew."""
        self._state = state
        self._refresh = refresh
        self._voice = voice
        self._number = 0
        self._writing: asyncio.Task[None] | None = None

    def started(self, folder: str, sources: str) -> None:
        """The first reading. `folder`: empty where nothing is to be saved."""
        self._save(folder, f"keepalived.conf.{os.getpid()}.0", _bytes_of(sources))

    def begins(self, folder: str, sources: str) -> None:
        """A file was read that can be used, and what runs is what ran before."""
        self._number += 1
        self._save(folder, f"keepalived.conf.{os.getpid()}.{self._number}", _bytes_of(sources))
        if folder:
            self._save(folder, self._name("pre"), self._state())

    def done(self, folder: str) -> None:
        """It runs; what that is must be asked for."""
        if folder:
            self._writing = asyncio.get_running_loop().create_task(
                self._save_after(folder, self._name("post"))
            )

    async def _save_after(self, folder: str, name: str) -> None:
        await self._refresh()
        self._save(folder, name, self._state())

    def _name(self, when: str) -> str:
        return f"keepalived_vrrp.{os.getpid()}.{self._number}.{when}"

    def _save(self, folder: str, name: str, content: bytes) -> None:
        if not folder:
            return
        try:
            Path(folder).mkdir(FOLDER_MODE, exist_ok=True)
        except OSError as error:
            self._voice.trouble("config_save_dir", f"{folder}: {error.strerror}")
            return
        self._voice.trouble("config_save_dir", write_dump(Path(folder, name), content) or "")

"""The model on its way from the supervisor to a child: a sealed memory file.

Knows how it is written and read. Only the supervisor writes one and only its own child reads it, so
pickle is safe downwards; nothing that a child says is ever unpickled.
"""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from halod.kernel.collector import without_collector
from halod.model.configuration import Configuration
from halod.model.event import AdvertReceived, TrackerReported

if TYPE_CHECKING:
    # The heartbeat hands down none, and loads nothing that describes them.
    from halod.model.balance_event import Verdict
    from halod.model.virtual_server import VirtualServer

__all__ = ["HandedDown", "changed_model", "read_model", "write_model"]

_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


@dataclass(frozen=True, slots=True)
class HandedDown:
    """Everything that a child starts with."""

    configuration: Configuration
    quarantined: tuple[AdvertReceived, ...] = ()
    """Adverts of which exact repeats are dropped."""
    reports: tuple[TrackerReported, ...] = ()
    """What the trackers said last, for who observes them from now on."""
    verdicts: tuple[Verdict, ...] = ()
    """Likewise of the checks of real servers."""
    titles: tuple[str, ...] = ()
    """Virtual servers that there are, in their order, where the configuration has those alone that
    changed: forty thousand real servers take a second to hand down, in which nothing is done."""

    def servers(self, before: Mapping[str, VirtualServer]) -> dict[str, VirtualServer]:
        """All virtual servers by title. `before`: what was handed down last, as the same objects
        where nothing changed."""
        handed = {server.title: server for server in self.configuration.virtual_servers}
        return {title: handed.get(title) or before[title] for title in self.titles or handed}


def changed_model(
    part: Configuration, before: Mapping[str, VirtualServer]
) -> tuple[HandedDown, dict[str, VirtualServer]]:
    """What to hand down to a child that has `before`, and what it has then. `part`: all of it."""
    wanted = {server.title: server for server in part.virtual_servers}
    changed = tuple(
        [
            server
            for title, server in wanted.items()
            if (has := before.get(title)) is not server and has != server
        ]
    )
    model = HandedDown(replace(part, virtual_servers=changed), titles=tuple(wanted))
    return model, wanted


def write_model(model: HandedDown) -> int:
    """A descriptor of sealed memory; the caller closes it after the child has it."""
    descriptor = os.memfd_create("halod-model", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with os.fdopen(os.dup(descriptor), "wb") as memory, without_collector():
        pickle.dump(model, memory)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
    return descriptor


def read_model(descriptor: int) -> HandedDown:
    """The model in a descriptor that the supervisor passed down; closes it."""
    with os.fdopen(descriptor, "rb") as memory, without_collector():
        memory.seek(0)
        model = pickle.load(memory)  # noqa: S301 - written by our own parent, see above
    assert isinstance(model, HandedDown)
    return model

"""Interfaces that a reload would move a running instance to, and that this machine lacks.

Knows which links there are. Must not judge anything else: an instance that is new may wait
for its link, and one whose link has gone is the heartbeat's concern.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator

from halod.config.codes import Code
from halod.config.suggest import closest
from halod.daemon.startup import Loaded
from halod.model.configuration import Configuration
from halod.model.vrrp import ANY_LINK, VrrpInstance

__all__ = ["missing_interfaces"]


def missing_interfaces(loaded: Loaded, running: Configuration) -> list[str]:
    """A concise line for each; keepalived ends there, and leaves its addresses behind."""
    # An instance that does without one loses nothing.
    there = sorted({ANY_LINK, *(name for _, name in socket.if_nameindex())} - {"lo"})
    before = {instance.name: instance.interface for instance in running.instances}
    instances = loaded.configuration.instances if loaded.configuration else ()
    return [
        f"{loaded.places[instance.name]}: refuse[{Code.NO_SUCH_INTERFACE.value}] {sentence}"
        for instance, sentence in _lost(instances, before, there)
    ]


def _lost(
    instances: Iterable[VrrpInstance], before: dict[str, str], there: list[str]
) -> Iterator[tuple[VrrpInstance, str]]:
    for instance in instances:
        was = before.get(instance.name)
        if was in (None, instance.interface) or instance.interface in there:
            continue
        guess = closest(instance.interface, there)
        hint = f"did you mean `{guess}`?" if guess else f"there is {', '.join(there) or 'none'}"
        lost = f"`{instance.name}` would lose its addresses ({hint})"
        yield instance, f"this machine has no interface `{instance.interface}`, and {lost}"

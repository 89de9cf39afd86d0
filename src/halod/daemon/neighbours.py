"""Refuses to run beside another daemon that would answer for the same virtual router.

Knows what makes two daemons collide: network namespace, interface and VRID. Must not end anybody.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

from halod.config.codes import Code
from halod.config.compile import compile_text
from halod.kernel.config_file import FileProblem, read_config
from halod.kernel.config_sources import surroundings_here
from halod.kernel.other_daemons import Holder, claim, keepalived_processes
from halod.model.configuration import Configuration

__all__ = ["Claims", "find_collision"]


@dataclass(slots=True)
class Claims:
    """Held while the daemon runs; the kernel drops them with the process."""

    _held: dict[tuple[str, int], socket.socket] = field(default_factory=dict)

    def take(self, configuration: Configuration) -> str | None:
        """Claims each (interface, VRID); who has one of them already, else None."""
        wanted = {(i.interface, i.virtual_router_id) for i in configuration.instances}
        for interface, vrid in sorted(wanted - self._held.keys()):
            held = claim(interface, vrid)
            if isinstance(held, Holder):
                who = f"{held.name} (pid {held.pid})" if held.pid else held.name
                return (
                    f"{who} already runs VRID {vrid} on {interface}: "
                    "stop it first, or give this daemon another file"
                )
            self._held[interface, vrid] = held
        for key in self._held.keys() - wanted:
            self._held.pop(key).close()
        return None


def find_collision(configuration: Configuration) -> str | None:
    """A live keepalived in this network namespace with one of our (interface, VRID), named."""
    ours = {(i.interface, i.virtual_router_id) for i in configuration.instances}
    for process in keepalived_processes():
        text = read_config(process.config_path)
        if isinstance(text, FileProblem):
            return (
                f"keepalived (pid {process.pid}) runs here and its configuration "
                f"{process.config_file} cannot be read ({text.sentence()}): stop it first"
            )
        surroundings = surroundings_here(process.config_id)
        compiled = compile_text(process.config_path, text, surroundings)
        unread = any(found.code == Code.NOT_INCLUDED.value for found in compiled.diagnostics)
        # What a file that is gone said is not known: then it counts as ours.
        theirs = None if unread else compiled.configuration
        instances = theirs.instances if theirs is not None else ()
        same = ours & {(i.interface, i.virtual_router_id) for i in instances}
        if same or theirs is None:
            where = ", ".join(f"VRID {vrid} on {interface}" for interface, vrid in sorted(same))
            return (
                f"keepalived (pid {process.pid}, {process.config_file}) already runs "
                f"{where or 'here'}: stop it first (systemctl stop keepalived)"
            )
    return None

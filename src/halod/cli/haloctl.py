"""`haloctl`: the operator's command.

Knows which commands there are. Each is a file of its own, loaded when it is called.
"""

from __future__ import annotations

import importlib

import click

from halod import __version__

__all__ = ["main"]

_COMMANDS = {
    "check": ("halod.cli.check", "check"),
    "compare": ("halod.cli.compare", "compare"),
    "explain": ("halod.cli.explain", "explain"),
    "fmt": ("halod.cli.fmt", "fmt"),
    "genhash": ("halod.cli.genhash", "genhash"),
    "lab": ("halod.cli.lab", "lab"),
    "release": ("halod.cli.release", "release"),
    "reload": ("halod.cli.reload", "reload"),
    "server": ("halod.cli.server", "server"),
    "sim": ("halod.cli.sim", "sim"),
    "status": ("halod.cli.status", "status"),
    "vrid": ("halod.cli.vrid", "vrid"),
    "why": ("halod.cli.why", "why"),
}


class _Lazy(click.Group):
    """Imports a command when it is asked for: `why` must not wait for the lab."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-v", "--version", prog_name="haloctl")
def main() -> None:
    """Ask and steer halod, check its configuration, and try it in a lab or in virtual time."""

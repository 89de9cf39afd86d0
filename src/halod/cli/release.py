"""`haloctl release`: takes away what a halod that is gone has left on the links.

Knows when that is safe. systemd calls it after the daemon ended, however it ended.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from halod.cli.ask import run_dir_option
from halod.cli.config_id import config_id_option
from halod.daemon.control import daemon_at
from halod.daemon.last_will import release_addresses
from halod.daemon.options import DEFAULT_CONFIG
from halod.daemon.run_dir import namespace_of
from halod.daemon.startup import load_configuration
from halod.kernel.net_namespace import enter

__all__ = ["release"]


@click.command()
@click.option(
    "-f", "--use-file", "file", default=DEFAULT_CONFIG, show_default=True, help="configuration"
)
@config_id_option
@run_dir_option
def release(file: str, config_id: str | None, run_dir: str) -> None:
    """Remove the virtual addresses that a killed halod left behind.

    Looks into the network namespace in which that halod worked. Touches only addresses with halod's
    tag. Refuses while the daemon of this run directory lives.
    """
    if os.geteuid() != 0:
        raise click.ClickException("needs root (CAP_NET_ADMIN): addresses are removed")
    pid = daemon_at(Path(run_dir))
    if pid is not None:
        raise click.ClickException(
            f"halod (pid {pid}) runs and holds its addresses by right: stop it instead"
        )
    namespace = namespace_of(Path(run_dir))
    outside = enter(namespace) if namespace else None
    if outside is not None:
        raise click.ClickException(outside)
    configuration = load_configuration(file, config_id).configuration
    instances = configuration.instances if configuration else ()
    released, failed = release_addresses(instances, run_dir)
    for address in released:
        click.echo(f"removed {address}")
    for reason in failed:
        click.echo(f"could not remove {reason}", err=True)
    if not released and not failed:
        click.echo("nothing was left")
    if failed:
        raise SystemExit(1)

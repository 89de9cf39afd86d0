"""`haloctl reload`: the same as SIGHUP, with the answer on the terminal.

Knows how to ask. Must not judge the file: the daemon does.
"""

from __future__ import annotations

import time

import click

from halod.cli.ask import ask, run_dir_option

__all__ = ["reload"]

DONE_WITHIN_S = 10.0
"""A child that does not take a configuration by then hangs, and is ended soon."""
ASK_EVERY_S = 0.05


@click.command()
@run_dir_option
def reload(run_dir: str) -> None:
    """Read the configuration again; a refused file changes nothing.

    The file and the id are those that the daemon was started with (-f, -i).

    Tells what the file has to be told about, and waits until all processes have taken it.

    Exit status 0 where it was taken, 5 where it was refused, 1 where it takes too long.
    """
    answer = ask(run_dir, "reload")
    for line in answer["refused"]:
        click.echo(line, err=True)
    if answer["refused"]:
        click.echo("reload refused: what ran before runs on unchanged")
        raise SystemExit(5)
    deadline = time.monotonic() + DONE_WITHIN_S
    status = ask(run_dir, "status")
    while status["reloading"]:
        if time.monotonic() > deadline:
            click.echo("reload begun, and not done yet: `haloctl status` says more", err=True)
            raise SystemExit(1)
        time.sleep(ASK_EVERY_S)
        status = ask(run_dir, "status")
    for line in status["findings"]:
        click.echo(line, err=True)
    click.echo("reload done")

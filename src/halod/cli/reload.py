"""`haloctl reload`: the same as SIGHUP, with the answer on the terminal.

Knows how to ask. Must not judge the file: the daemon does.
"""

from __future__ import annotations

import click

from halod.cli.ask import ask, run_dir_option

__all__ = ["reload"]


@click.command()
@run_dir_option
def reload(run_dir: str) -> None:
    """Read the configuration again; a refused file changes nothing.

    Exit status 0 where it was taken, 5 where it was refused.
    """
    answer = ask(run_dir, "reload")
    for line in answer["refused"]:
        click.echo(line, err=True)
    click.echo(f"reload {answer['reload']}")
    if answer["refused"]:
        raise SystemExit(5)

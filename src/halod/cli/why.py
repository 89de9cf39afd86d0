"""`haloctl why`: one sentence for each instance, and for each server that is not simply up.

Knows where the sentences come from. Must not word anything itself.
"""

from __future__ import annotations

import click

from halod.cli.ask import ask, run_dir_option
from halod.cli.meant import meant_by, nothing_meant
from halod.cli.server_table import odd_servers, real_sentence, virtual_sentence

__all__ = ["why"]


@click.command()
@click.argument("name", required=False, metavar="[NAME|ADDRESS]")
@run_dir_option
def why(name: str | None, run_dir: str) -> None:
    """Say why an instance is MASTER or is not, and why a server is in or out.

    Without a name: of each instance, and of each server that is not simply up. An instance is
    named by its name or one of its addresses, a server by its address, `10.0.0.9` or
    `10.0.0.9:80`, and a virtual server by its name, `'10.0.0.1 80 tcp'`, or `10.0.0.1:80`.
    """
    answer = ask(run_dir, "status")
    if answer["heartbeat_down"]:
        raise click.ClickException(
            f"the heartbeat process is down: {answer['heartbeat_down']}. The log says what "
            "happened; `haloctl reload` starts it again"
        )
    if name is None:
        for instance in answer["instances"]:
            click.echo(f"{instance['why']}.")
        for virtual, real in odd_servers(answer["virtual_servers"]):
            click.echo(f"{real_sentence(virtual, real)}.")
        return
    meant = meant_by(answer, name)
    if not meant:
        raise click.ClickException(nothing_meant(answer, name))
    for instance in meant.instances:
        click.echo(f"{instance['why']}.")
    for virtual in meant.virtual_servers:
        click.echo(f"{virtual_sentence(virtual)}.")
        for real in virtual["real_servers"]:
            click.echo(f"  {real_sentence(virtual, real)}.")
    for virtual, real in meant.real_servers:
        click.echo(f"{real_sentence(virtual, real)}.")

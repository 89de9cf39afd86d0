"""`haloctl why`: one sentence for each instance, and for each server that is not simply up.

Knows where the sentences come from. Must not word anything itself.
"""

from __future__ import annotations

import difflib

import click

from halod.cli.ask import ask, run_dir_option
from halod.cli.server_table import server_sentences

__all__ = ["why"]


@click.command()
@click.argument("instance", required=False, metavar="[INSTANCE|SERVER]")
@run_dir_option
def why(instance: str | None, run_dir: str) -> None:
    """Say why an instance is MASTER or is not, and why a server is in or out.

    Without a name: of each instance, and of each server that is not simply up. A server is named
    by its address, `10.0.0.9` or `10.0.0.9:80`, or by its virtual server, `'10.0.0.1 80 tcp'`.
    """
    answer = ask(run_dir, "status")
    if answer["heartbeat_down"]:
        raise click.ClickException(
            f"the heartbeat process is down: {answer['heartbeat_down']}. The log says what "
            "happened; `haloctl reload` starts it again"
        )
    instances = {i["name"]: i for i in answer["instances"]}
    servers = list(server_sentences(answer["virtual_servers"], instance))
    if instance is not None and instance not in instances and not servers:
        near = difflib.get_close_matches(instance, instances, 1)
        hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(instances) or 'none'}"
        raise click.ClickException(f"no instance {instance}: {hint}")
    for name, view in instances.items():
        if instance in (None, name):
            click.echo(f"{view['why']}.")
    for sentence in servers:
        click.echo(f"{sentence}.")

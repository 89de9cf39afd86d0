"""`haloctl why`: one sentence for each instance.

Knows where the sentences come from. Must not word anything itself.
"""

from __future__ import annotations

import difflib

import click

from halod.cli.ask import ask, run_dir_option

__all__ = ["why"]


@click.command()
@click.argument("instance", required=False)
@run_dir_option
def why(instance: str | None, run_dir: str) -> None:
    """Say why INSTANCE (default: each) is MASTER, or why it is not."""
    answer = ask(run_dir, "status")
    if answer["heartbeat_down"]:
        raise click.ClickException(
            f"the heartbeat process is down: {answer['heartbeat_down']}. The log says what "
            "happened; `haloctl reload` starts it again"
        )
    instances = {i["name"]: i for i in answer["instances"]}
    if instance is not None and instance not in instances:
        near = difflib.get_close_matches(instance, instances, 1)
        hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(instances) or 'none'}"
        raise click.ClickException(f"no instance {instance}: {hint}")
    for name, view in instances.items():
        if instance in (None, name):
            click.echo(f"{view['why']}.")

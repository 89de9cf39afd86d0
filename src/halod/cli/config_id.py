"""`-i`: whose lines are in force, for the commands that read a configuration.

Knows the option's spelling, which is the daemon's, and how ids belong to files. Must not read a
file.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from halod.config.compile import Compiled
from halod.config.conditions import named_ids

__all__ = ["config_id_option", "config_ids_option", "ids_of_files", "names_by_id"]
__all__ += ["unheeded_ids"]

config_id_option = click.option(
    "-i",
    "--config-id",
    metavar="ID",
    help="as the daemon's: lines behind @ID count (default: this machine's name up to its dot)",
)

config_ids_option = click.option(
    "-i",
    "--config-id",
    "config_ids",
    metavar="ID",
    multiple=True,
    help="as the daemon's, one a FILE in their order; with one FILE for all nodes, one a node",
)


def ids_of_files(files: Sequence[str], ids: Sequence[str]) -> list[tuple[str, str | None]]:
    """Each node's file and id; None: the name of this machine."""
    if not ids:
        return [(file, None) for file in files]
    if len(files) == 1:
        files = list(files) * len(ids)
    if len(files) != len(ids):
        raise click.UsageError(f"{len(files)} files and {len(ids)} ids: give -i once for each file")
    return list(zip(files, ids, strict=True))


def names_by_id(ids: Sequence[str]) -> list[str]:
    """The ids as names of the nodes; empty where they do not tell nodes apart."""
    return list(ids) if len(set(ids)) == len(ids) else []


def unheeded_ids(compiled: Compiled) -> str:
    """Where a file has lines for nodes of which this is none, a sentence; else empty."""
    ids = named_ids(compiled.sources.values())
    here = compiled.surroundings.config_id
    if not ids or here in ids:
        return ""
    named = ", ".join(f"@{each}" for each in ids[:5]) + (" …" if len(ids) > 5 else "")
    return f"{compiled.file}: has lines behind {named}, and was read for {here}: name an id with -i"

"""`haloctl compare`: the files of one cluster's nodes against each other.

Knows the page and the exit status. Must not find a difference itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from halod.cli.config_id import config_ids_option, ids_of_files, names_by_id, unheeded_ids
from halod.compare.bound import bound_sentence
from halod.compare.cluster import Node, Router, node_names
from halod.compare.comparison import Comparison
from halod.compare.comparison import compare as compare_nodes
from halod.compare.difference import Gravity, listed
from halod.compare.outlook import Failure, Fate
from halod.config.compile import Compiled, compile_text
from halod.kernel.config_file import FileProblem, read_config
from halod.kernel.config_sources import surroundings_here
from halod.model.address import IpAddress
from halod.model.printable import printable

__all__ = ["compare", "page"]

EXIT_DIFFERENT = 1


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@config_ids_option
@click.option("--json", "as_json", is_flag=True, help="for programs")
def compare(files: tuple[str, ...], config_ids: tuple[str, ...], as_json: bool) -> None:
    """Compare the configuration FILES of one cluster, one a node.

    Where all nodes have one file with lines behind @ID: `compare -i lb01 -i lb02 FILE`.

    Says what does not fit together, who is master, and, by playing it in virtual time, what
    happens when each node dies.

    Exit status: 0 they fit, 1 they do not; notes alone fit.
    """
    wanted = ids_of_files(files, config_ids)
    if len(set(wanted)) < 2 or len(set(wanted)) != len(wanted):
        raise click.UsageError("name the configuration file of each node, two at least")
    compiled = [_compiled(path, config_id) for path, config_id in wanted]
    configurations = [each.configuration for each in compiled if each.configuration is not None]
    names = names_by_id(config_ids) or node_names([each.file for each in compiled], configurations)
    nodes = list(map(Node, names, compiled, configurations))
    found = compare_nodes(nodes)
    if as_json:
        click.echo(json.dumps(_document(found), indent=2, ensure_ascii=False))
    else:
        click.echo(page(nodes, found), nl=False)
    if any(each.gravity is not Gravity.NOTE for each in found.differences):
        sys.exit(EXIT_DIFFERENT)


def _compiled(path: str, config_id: str | None) -> Compiled:
    text = read_config(path)
    if isinstance(text, FileProblem):
        raise click.ClickException(printable(text.sentence()))
    compiled = compile_text(path, text, surroundings_here(config_id))
    if unheeded := unheeded_ids(compiled):
        click.echo(printable(unheeded), err=True)
    if compiled.configuration is None or not compiled.configuration.instances:
        raise click.ClickException(
            f"{printable(path)}: halod would not start with it, so there is nothing to compare\n"
            f"Hint: `haloctl check {printable(path)}` says why"
        )
    return compiled


# ---- the page ------------------------------------------------------------------------------


def page(nodes: list[Node], found: Comparison) -> str:
    """What a person reads."""
    lines = [f"{node.name}: {node.compiled.file}" for node in nodes]
    lines.append("")
    for router in found.routers:
        lines += _router(router, found)
    lines.append("")
    for node in nodes:
        lines.append(f"if {node.name} dies, {_fates(found.outlook.deaths[node.name])}")
    lines += [_failure(each) for each in found.outlook.failures]
    lines.append("")
    for each in found.differences:
        lines.append(f"{each.gravity.value}: {each.sentence}")
        lines += [f"    {place.file}:{place.line}:{place.column}" for place in each.places]
    if not found.differences:
        lines.append("the files fit together")
    return "".join(f"{printable(line)}\n" for line in lines)


def _router(router: Router, found: Comparison) -> Iterator[str]:
    order = sorted(router.seats, key=lambda seat: -seat.instance.priority)
    priorities = ", ".join(f"{seat.node.name} {seat.instance.priority}" for seat in order)
    name = router.seats[0].instance.name
    yield f"VRID {router.virtual_router_id} on {router.segment} ({name}): priority {priorities}"
    addresses = dict.fromkeys(a.address for s in router.seats for a in s.instance.held)
    for address in addresses:
        holders = found.outlook.holders.get(address, ())
        verb = "hold" if len(holders) > 1 else "holds"
        both = f": {len(holders)} owners" if len(holders) > 1 else ""
        yield f"    {listed(holders) if holders else 'nobody'} {verb} {address}{both}"
    bound = bound_sentence(router)
    if bound is not None:
        yield f"    with halod: {bound}"


def _fates(fates: tuple[Fate, ...]) -> str:
    """Addresses that go the same way are told together."""
    if not fates:
        return "nothing moves: it holds no address"
    groups: dict[tuple[object, ...], list[Fate]] = {}
    for fate in fates:
        groups.setdefault((fate.takers, fate.others), []).append(fate)
    return "; ".join(map(_way, groups.values()))


def _failure(failure: Failure) -> str:
    """Addresses that go the same way are told together."""
    groups: dict[tuple[str, ...], list[IpAddress]] = {}
    for address, holders in failure.moves:
        groups.setdefault(holders, []).append(address)
    told = []
    for holders, addresses in groups.items():
        which = listed(map(str, addresses))
        if failure.node in holders:
            told.append(f"{which} stays")
        else:
            told.append(f"{listed(holders)} takes {which}" if holders else f"nobody takes {which}")
    return f"if {failure.check} fails on {failure.node}, {'; '.join(told)}"


def _way(fates: list[Fate]) -> str:
    addresses = listed(fate.address for fate in fates)
    parts = [f"{n} takes {addresses} after {s.as_seconds():.2f} s" for n, s in fates[0].takers]
    if fates[0].others:
        parts.append(f"{listed(fates[0].others)} held {addresses} already")
    return " and ".join(parts) or f"nobody takes {addresses}"


def _document(found: Comparison) -> dict[str, Any]:
    return {
        "differences": [
            {
                "gravity": each.gravity.value,
                "sentence": each.sentence,
                "places": [
                    {"file": p.file, "line": p.line, "column": p.column} for p in each.places
                ],
            }
            for each in found.differences
        ],
        "failures": [
            {
                "node": each.node,
                "check": str(each.check),
                "holders": {str(address): list(holders) for address, holders in each.moves},
            }
            for each in found.outlook.failures
        ],
        "holders": {str(a): list(nodes) for a, nodes in found.outlook.holders.items()},
        "deaths": {
            node: [
                {
                    "address": str(fate.address),
                    "takers": [
                        {"node": taker, "after_s": span.as_seconds()} for taker, span in fate.takers
                    ],
                    "held_already_by": list(fate.others),
                }
                for fate in fates
            ]
            for node, fates in found.outlook.deaths.items()
        },
    }

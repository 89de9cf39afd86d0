"""`haloctl sim`: what a cluster would do, in virtual time, from its configuration files alone.

Knows arguments, the drawing and the exit status. Must not decide what is right: the oracles do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import click
from rich.console import Console
from rich.text import Text

from halod.cli.config_id import config_ids_option, ids_of_files, names_by_id, unheeded_ids
from halod.compare.cluster import node_names
from halod.config.compile import compile_text
from halod.kernel.config_file import FileProblem, read_config
from halod.kernel.config_sources import surroundings_here
from halod.lab.ownership import Holding
from halod.lab.timeline import ASCII, UNICODE, Chart, Mark, draw
from halod.model.configuration import Configuration
from halod.model.fact import Severity
from halod.model.printable import printable
from halod.model.units import ZERO, Duration
from halod.model.vrrp import LeaseMode, VrrpInstance
from halod.sim.allowance import settle_span
from halod.sim.cluster_of_files import nodes_of
from halod.sim.fault import end_of
from halod.sim.fault_words import FAULT_WORDS, FaultWordError, read_duration, read_fault
from halod.sim.oracles.settling import SettlingOracle
from halod.sim.play import Verdict, play
from halod.sim.random_scenario import random_scenario
from halod.sim.record import Record
from halod.sim.scenario import NodeOptions, Scenario
from halod.vrrp.lease import lease_of

__all__ = ["sim"]

WATCHED_AT_LEAST = Duration.seconds(30)
WATCHED_AFTER_SETTLING = Duration.seconds(5)
LINES_MAX = 200
"""Lines of log: a cluster that flaps says the same again and again."""
VIOLATIONS_MAX = 20

_STYLES = {Severity.ALERT: "bold red", Severity.ERROR: "red", Severity.WARNING: "yellow"}


def _fault_help(function: Callable[..., None]) -> Callable[..., None]:
    """Lists the faults from the very table that reads them."""
    width = max(len(word.form) for word in FAULT_WORDS.values())
    lines = [f"{word.form:<{width}}  {word.help}" for word in FAULT_WORDS.values()]
    function.__doc__ = (
        "Play the cluster of configuration FILES, one a node, in virtual time.\n\n"
        "Draws who holds which address, says why, and judges: exit status 1 where a promise is "
        "broken. Without FILES the seed draws a whole cluster and its faults.\n\n\b\n"
        "Faults:\n" + "\n".join(lines)
    )
    return function


@click.command()
@click.argument("files", nargs=-1, type=click.Path())
@config_ids_option
@click.option("--seed", type=int, help="Decides every delay; equal seeds give equal runs.")
@click.option(
    "--fail",
    "fails",
    multiple=True,
    metavar="FAULT",
    help="What goes wrong, and when; quote a `>`.",
)
@click.option("--for", "span", metavar="TIME", help="How long, e.g. 60s; default: until settled.")
@_fault_help
def sim(
    files: tuple[str, ...],
    config_ids: tuple[str, ...],
    seed: int | None,
    fails: tuple[str, ...],
    span: str | None,
) -> None:
    if files:
        nodes = _configurations(files, config_ids)
        scenario = _of_files(nodes, 1 if seed is None else seed, fails, span)
    elif seed is None:
        raise click.UsageError("name the configuration file of each node, or a --seed")
    elif fails or span or config_ids:
        raise click.UsageError("--fail, --for, -i want configuration files: a seed draws its own")
    else:
        scenario = random_scenario(seed)
    record = Record()
    verdict = play(scenario, watchers=[record.see])
    _show(scenario, record, verdict, Console(highlight=False, soft_wrap=True))
    if verdict.violations:
        raise SystemExit(1)


# ---- arguments -----------------------------------------------------------------------------


def _of_files(
    configurations: dict[str, Configuration], seed: int, fails: tuple[str, ...], span: str | None
) -> Scenario:
    nodes = nodes_of(configurations)
    try:
        faults = tuple(read_fault(text, [node.name for node in nodes]) for text in fails)
        ends_at = read_duration(span) if span is not None else None
    except FaultWordError as error:
        raise click.ClickException(f"{error}\nHint: {error.suggestion}") from None
    if ends_at == ZERO:
        raise click.ClickException(f"--for {span}: nothing would happen")
    for text, fault in zip(fails, faults, strict=True):
        if ends_at is not None and fault.at > ends_at:
            raise click.ClickException(f"`{text}` comes after the end: --for {span}")
    calm_at = max(map(end_of, faults), default=ZERO)
    scenario = Scenario(seed=seed, nodes=nodes, faults=faults, calm_at=calm_at)
    settled = calm_at + settle_span(scenario) + WATCHED_AFTER_SETTLING
    return replace(scenario, ends_at=ends_at or max(settled, WATCHED_AT_LEAST))


def _configurations(files: Sequence[str], ids: Sequence[str]) -> dict[str, Configuration]:
    wanted = ids_of_files(files, ids)
    if len(set(wanted)) != len(wanted):
        raise click.ClickException("a file is named twice: each node has its own, or its own -i")
    found = [_configuration(path, config_id) for path, config_id in wanted]
    names = names_by_id(ids) or node_names([path for path, _ in wanted], found)
    return dict(zip(names, found, strict=True))


def _configuration(path: str, config_id: str | None) -> Configuration:
    text = read_config(path)
    if isinstance(text, FileProblem):
        raise click.ClickException(text.sentence())
    compiled = compile_text(path, text, surroundings_here(config_id))
    if unheeded := unheeded_ids(compiled):
        click.echo(printable(unheeded), err=True)
    if compiled.configuration is None or not compiled.configuration.instances:
        raise click.ClickException(
            f"{path}: halod would not start with it\nHint: `haloctl check {path}` says why"
        )
    return compiled.configuration


# ---- the page ------------------------------------------------------------------------------


def _show(scenario: Scenario, record: Record, verdict: Verdict, console: Console) -> None:
    signs = UNICODE if console.encoding.lower().startswith("utf") else ASCII
    for node in scenario.nodes:
        console.print(_node_line(scenario, node.name))
    console.print()
    console.print(draw(_chart(scenario, record), min(console.width, 100), signs))
    console.print()
    width = max(len(node.name) for node in scenario.nodes)
    for line in record.lines[:LINES_MAX]:
        console.print(
            Text(
                f"{line.at_ns / 1e9:9.3f} s  {line.node:<{width}}  {line.sentence}",
                style=_STYLES.get(line.severity, ""),
            )
        )
    if len(record.lines) > LINES_MAX:
        console.print(f"... and {len(record.lines) - LINES_MAX} lines more")
    console.print()
    settled = scenario.calm_at + settle_span(scenario)
    for name, promise, held in verdict.promises:
        if name == SettlingOracle.name and scenario.ends_at < settled:
            wanted_s = settled.whole_seconds + 1
            console.print(f"settling was not judged: that wants --for {wanted_s}s")
            continue
        sign, style = ("held  ", "green") if held else ("BROKEN", "bold red")
        console.print(Text(f"{sign}  {name}: {promise}", style=style))
    for violation in verdict.violations[:VIOLATIONS_MAX]:
        console.print(Text(str(violation), style="red"))
    if len(verdict.violations) > VIOLATIONS_MAX:
        console.print(f"... and {len(verdict.violations) - VIOLATIONS_MAX} more")


def _node_line(scenario: Scenario, name: str) -> str:
    node = scenario.node(name)
    links = ", ".join(f"{link.interface} {link.address}" for link in node.links)
    routers = ", ".join(
        f"{i.name} priority {i.priority}, lease {_lease_words(node, i)}" for i in node.instances
    )
    return f"{name}: {links}; {routers}"


def _lease_words(node: NodeOptions, instance: VrrpInstance) -> str:
    """What binds its addresses while nobody takes a gate away: that is told in the log below."""
    links = {instance.interface, *(address.interface for address in instance.held)}
    hanging = frozenset[LeaseMode]() if links & node.gateless else node.gates
    return lease_of(instance, hanging).mode.value


def _chart(scenario: Scenario, record: Record) -> Chart:
    addresses = [a.address for n in scenario.nodes for i in n.instances for a in i.held]
    end_ns = scenario.ends_at.ns
    return Chart(
        start_ns=0,
        end_ns=end_ns,
        hosts=tuple(node.name for node in scenario.nodes),
        vips=tuple(map(str, dict.fromkeys(addresses))),
        holdings=tuple(
            Holding(held.node, str(held.address), held.start_ns, held.end_ns)
            for held in record.held(end_ns)
        ),
        marks=tuple(Mark(at_ns, fault.sentence()) for at_ns, fault in record.faults),
    )

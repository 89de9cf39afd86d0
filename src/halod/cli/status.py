"""`haloctl status`: who holds what, and what works worse than it should.

Knows how the daemon's answer is laid out for a terminal. Must not reckon anything itself.
"""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from halod.cli.ask import ask, run_dir_option

__all__ = ["status"]

_STATE_STYLE = {"MASTER": "bold green", "BACKUP": "cyan", "FAULT": "bold red", "INIT": "dim"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="the daemon's whole answer as JSON")
@run_dir_option
def status(as_json: bool, run_dir: str) -> None:
    """Show the instances, their addresses and anything that is wrong.

    Exit status 0 where everything is well, 1 where something needs a person.
    """
    answer = ask(run_dir, "status")
    if as_json:
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        _show(answer, Console(highlight=False))
    if alarms(answer):
        raise SystemExit(1)


def alarms(answer: dict[str, Any]) -> list[str]:
    """What needs a person now, a line each."""
    lines = []
    if answer["heartbeat_down"]:
        lines.append(f"the heartbeat process is down: {answer['heartbeat_down']}")
    for instance in answer["instances"]:
        if instance["state"] == "FAULT":
            lines.append(instance["why"])
        if instance["state"] == "MASTER" and instance["rival"]:
            lines.append(instance["why"])
    if answer["refused"]:
        lines.append(f"the last reload was refused: {answer['refused'][0]}")
    return lines


def _show(answer: dict[str, Any], console: Console) -> None:
    router = f"  {answer['router_id']}" if answer["router_id"] else ""
    console.print(
        f"halod {answer['version']}{router}  pid {answer['pid']}"
        f"  up {_span(answer['uptime_s'])}  {answer['config_file']}"
    )
    console.print(_instances(answer["instances"]))
    for instance in answer["instances"]:
        console.print(f"{instance['why']}.")
    for line in alarms(answer):
        console.print(Text(f"alarm: {line}", style="bold red"))
    for subject, text in answer["troubles"].items():
        console.print(Text(f"note: {subject}: {text}", style="yellow"))
    for line in answer["findings"]:
        console.print(Text(f"configuration: {line}", style="yellow"))


def _instances(instances: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("instance", "state", "for", "prio", "vrid", "master", "addresses", "lease"):
        table.add_column(name, header_style="dim")
    table.add_column("two owners at most", header_style="dim")
    for i in instances:
        addresses = "\n".join(i["addresses"])
        table.add_row(
            i["name"],
            Text(i["state"], style=_STATE_STYLE.get(i["state"], "")),
            _span(i["in_state_s"]),
            str(i["priority"]),
            str(i["virtual_router_id"]),
            _master(i),
            Text(addresses, style="" if i["holds_addresses"] else "dim"),
            "for ever" if i["lease_s"] is None else f"{i['lease_s']:g} s",
            "unbounded" if i["two_owners_bound_s"] is None else f"{i['two_owners_bound_s']:.3f} s",
        )
    return table


def _master(instance: dict[str, Any]) -> str:
    if instance["master"] is None:
        return "-"
    if instance["master"] == instance["own_address"]:
        return "this node"
    return f"{instance['master']} ({instance['master_priority']})"


def _span(seconds: float | None) -> str:
    """`3.2 s`, `4 min 5 s`, `2 h 3 min`, `5 d 2 h`."""
    if seconds is None:
        return "-"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    for size, unit, small, small_unit in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // small} {small_unit}"
    raise AssertionError(seconds)

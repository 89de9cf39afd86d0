"""`haloctl status`: who holds what, and what works worse than it should.

Knows how the daemon's answer is laid out for a terminal. Must not reckon anything itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from halod.cli.ask import ask, run_dir_option
from halod.cli.notifications import notification_lines
from halod.cli.server_table import server_alarms, server_lines, servers_summary
from halod.cli.spans import span
from halod.cli.trackers import tracker_table

__all__ = ["status"]

PIPE_WIDTH = 1000
"""Columns where no terminal says how many there are."""
_STATE_STYLE = {"MASTER": "bold green", "BACKUP": "cyan", "FAULT": "bold red", "INIT": "dim"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="the daemon's whole answer as JSON")
@click.option("--all", "whole", is_flag=True, help="every server, also of very many")
@run_dir_option
def status(as_json: bool, whole: bool, run_dir: str) -> None:
    """Show the instances, the virtual servers and anything that is wrong.

    Exit status 0 where everything is well, 1 where something needs a person.
    """
    answer = ask(run_dir, "status")
    if as_json:
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        # Into a pipe a line stays a line, however long: `grep` wants the whole of it.
        width = None if sys.stdout.isatty() else PIPE_WIDTH
        console = Console(highlight=False, width=width, soft_wrap=width is not None)
        _show(answer, console, whole=whole)
    if alarms(answer):
        raise SystemExit(1)


def alarms(answer: dict[str, Any]) -> list[str]:
    """What needs a person now, a line each."""
    lines = []
    if answer["heartbeat_down"]:
        lines.append(f"the heartbeat process is down: {answer['heartbeat_down']}")
    if answer["runner_down"]:
        lines.append(
            f"the runner process is down, and no script is run: {answer['runner_down']}. What the "
            "scripts said last holds; `haloctl reload` starts it again"
        )
    lines += server_alarms(answer)
    lines += [instance["alarm"] for instance in answer["instances"] if instance["alarm"]]
    if answer["refused"]:
        lines.append(f"the last reload was refused: {answer['refused'][0]}")
    return lines


def _show(answer: dict[str, Any], console: Console, *, whole: bool) -> None:
    router = f"  {answer['router_id']}" if answer["router_id"] else ""
    console.print(
        f"halod {answer['version']}{router}  pid {answer['pid']}"
        f"  up {span(answer['uptime_s'])}  {answer['config_file']}"
    )
    if answer["instances"] or not answer["virtual_servers"]:
        console.print(_instances(answer["instances"]))
    if answer["virtual_servers"]:
        for row in server_lines(answer["virtual_servers"], console.width, whole=whole):
            console.print(row)
        console.print(servers_summary(answer, whole=whole))
    if answer["trackers"]:
        console.print(tracker_table(answer["trackers"], answer["checks"]))
    wrong = alarms(answer)
    for instance in answer["instances"]:
        if instance["why"] not in wrong:
            console.print(f"{instance['why']}.")
    deaf = [i["name"] for i in answer["instances"] if not i["accepts_traffic"]]
    if deaf:
        console.print(f"{', '.join(deaf)}: drops what is sent to its addresses (no_accept)")
    for instance in answer["instances"]:
        if instance["virtual_mac"]:
            console.print(_virtual_mac(instance))
    for line in _groups(answer["instances"]):
        console.print(line)
    late = _lateness(answer["lateness"])
    if late:
        console.print(late)
    for line in wrong:
        console.print(Text(f"alarm: {line}", style="bold red"))
    for subject, text in answer["troubles"].items():
        console.print(Text(f"note: {subject}: {text}", style="yellow"))
    for line in notification_lines(answer["notifications"]):
        console.print(Text(f"note: {line}", style="yellow"))
    for line in answer["findings"]:
        console.print(Text(f"configuration: {line}", style="yellow"))


def _virtual_mac(instance: dict[str, Any]) -> str:
    """`VI_1 has the virtual MAC 00:00:5e:00:01:33 on vrrp.51, a link on ens33 that is up here`."""
    here = "up here" if instance["holds_addresses"] else "down here until it is MASTER"
    return (
        f"{instance['name']} has the virtual MAC {instance['virtual_mac']}, a link on "
        f"{instance['interface']} that is {here}"
    )


def _groups(instances: list[dict[str, Any]]) -> Iterator[str]:
    """`sync group VG_1: VI_1 and VI_2 are MASTER together or not at all`."""
    groups: dict[str, list[str]] = {}
    for instance in instances:
        if instance["sync_group"] is not None:
            groups.setdefault(instance["sync_group"], []).append(instance["name"])
    for name, members in groups.items():
        listed = ", ".join(members[:-1]) + " and " if len(members) > 1 else ""
        yield f"sync group {name}: {listed}{members[-1]} are MASTER together or not at all"


def _instances(instances: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("instance", "state", "for", "prio", "vrid", "master", "addresses", "lease"):
        # Folded where a terminal is narrow, never cut off; an address stays in one piece.
        whole = name == "addresses"
        table.add_column(name, header_style="dim", overflow="fold", no_wrap=whole)
    table.add_column("two owners at most", header_style="dim", overflow="fold")
    for i in instances:
        addresses = "\n".join((*i["addresses"], *i["excluded_addresses"]))
        table.add_row(
            i["name"],
            Text(i["state"], style=_STATE_STYLE.get(i["state"], "")),
            span(i["in_state_s"]),
            str(i["priority"]),
            str(i["virtual_router_id"]),
            _master(i),
            Text(addresses, style="" if i["holds_addresses"] else "dim"),
            "for ever" if i["lease_s"] is None else f"{i['lease_s']:g} s ({i['lease_mode']})",
            "unbounded" if i["two_owners_bound_s"] is None else f"{i['two_owners_bound_s']:.3f} s",
        )
    return table


def _lateness(lateness: dict[str, dict[str, Any]]) -> Text | None:
    """`late (half / 99 % / most, ms): timer 0.08 / 0.3 / 1.2, …`; red where a budget was broken."""
    known = {name: figure for name, figure in lateness.items() if figure["count"]}
    if not known:
        return None
    text = Text("late (half / 99 % / most, ms): ", style="dim")
    for number, (name, figure) in enumerate(known.items()):
        text.append(", " if number else "")
        text.append(f"{name} ", style="default")
        numbers = (figure["p50_s"], figure["p99_s"], figure["max_s"])
        style = "yellow" if figure["over_budget"] else "default"
        text.append(" / ".join(_milliseconds(number) for number in numbers), style=style)
        if figure["over_budget"]:
            times = f" ({figure['over_budget']} over {_milliseconds(figure['budget_s'])})"
            text.append(times, style=style)
    return text


def _milliseconds(seconds: float) -> str:
    """Two figures that count, or whole milliseconds."""
    return f"{seconds * 1000:.0f}" if seconds >= 0.01 else f"{seconds * 1000:.2g}"


def _master(instance: dict[str, Any]) -> str:
    if instance["master"] is None:
        return "-"
    if instance["master"] == instance["own_address"]:
        return "this node"
    return f"{instance['master']} ({instance['master_priority']})"

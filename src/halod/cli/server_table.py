"""Virtual and real servers as `haloctl status` and `haloctl why` show them.

Knows how the daemon's answer is laid out for a terminal. Must not reckon anything itself.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from rich.text import Text

from halod.cli.spans import span

__all__ = ["odd_servers", "real_sentence", "server_alarms", "server_lines", "servers_summary"]
__all__ += ["virtual_sentence"]

LISTED_MAX = 40
"""Virtual servers that are listed whole; of more, those alone that a person may want to look at."""
_STYLE = {
    "UP": "green",
    "DOWN": "bold red",
    "UNKNOWN": "yellow",
    "DRAINING": "yellow",
    "DISABLED": "dim",
}
Servers = Sequence[dict[str, Any]]


def server_lines(servers: Servers, width: int, *, whole: bool) -> list[Text]:
    """A line a virtual server, and under it one a real server; what does not fit at its end stands
    below it. `whole`: however many there are."""
    shown = servers if whole or len(servers) <= LISTED_MAX else [s for s in servers if _is_odd(s)]
    rows = [Row(_HEAD, "", "", "dim")]
    for server in shown:
        rows.append(_virtual_row(server))
        rows += map(_real_row, server["real_servers"])
    widths = [max(len(row.cells[at]) for row in rows) for at in range(len(_HEAD))]
    return [line for row in rows for line in _lines(row, widths, width)]


_HEAD = ("server", "is", "for", "weight", "active", "inactive")
_RIGHT = frozenset({4, 5})
"""Columns of numbers."""


class Row(NamedTuple):
    """One server."""

    cells: tuple[str, ...]
    note: str
    state: str
    style: str


def _virtual_row(server: dict[str, Any]) -> Row:
    cells = (
        server["name"],
        server["state"],
        "",
        f"{server['weight_up']} of {server['quorum']}",
        _number(_sum(server, "active")),
        _number(_sum(server, "inactive")),
    )
    return Row(cells, "; ".join(_of_virtual(server)), server["state"], "bold")


def _real_row(real: dict[str, Any]) -> Row:
    state = _state(real)
    cells = (
        f"  {real['address']}",
        state,
        span(real["in_state_s"]),
        _weight(real),
        _number(real["active"]),
        _number(real["inactive"]),
    )
    return Row(cells, _of_real(real), state, "")


def _lines(row: Row, widths: Sequence[int], width: int) -> Iterator[Text]:
    line = Text()
    for at, (cell, room) in enumerate(zip(row.cells, widths, strict=True)):
        style = _STYLE.get(row.state, row.style) if at == 1 else row.style
        line.append(cell.rjust(room) if at in _RIGHT else cell.ljust(room), style)
        line.append("  ")
    if len(line) + len(row.note) <= width:
        line.append(row.note)
        yield line
        return
    yield line
    yield from (Text(f"    {part}") for part in textwrap.wrap(row.note, width - 4))


def servers_summary(answer: dict[str, Any], *, whole: bool) -> str:
    """`2 virtual servers, 5 real servers, 1 of them down; nft balances, for …`."""
    servers = answer["virtual_servers"]
    reals = [real for server in servers for real in server["real_servers"]]
    down = sum(real["state"] == "DOWN" for real in reals)
    odd = sum(real["admin"] != "enabled" for real in reals)
    parts = [
        f"{_count(len(servers), 'virtual server')}, {_count(len(reals), 'real server')}",
        *([f"{down} down"] if down else []),
        *([f"{odd} drained or disabled"] if odd else []),
    ]
    engine = answer["lvs_engine"]
    if engine:
        # The first reason; what stands behind it, the log and `--json` tell.
        parts[-1] += f"; {engine['name']} balances, for {engine['why'].partition(':')[0]}"
    if answer["sync_role"]:
        parts[-1] += f"; sync daemon: {answer['sync_role']}"
    if not whole and len(servers) > LISTED_MAX:
        parts[-1] += "; those that are well are not listed, `--all` lists them"
    return ", ".join(parts)


def server_alarms(answer: dict[str, Any]) -> Iterator[str]:
    """What needs a person now."""
    if answer["service_down"]:
        yield (
            f"the service process is down: {answer['service_down']}. The table of virtual servers "
            "goes on as it is, and no server is taken out; `haloctl reload` starts it again"
        )
    if answer["checker_down"]:
        yield (
            f"the checker process is down, and no server is checked over the network: "
            f"{answer['checker_down']}. What was found last holds; `haloctl reload` starts it again"
        )
    for server in answer["virtual_servers"]:
        if server["alarm"]:
            yield f"{server['name']}: {server['alarm']}"
        if server["state"] == "DOWN":
            sorry = f", and {server['sorry_server']} serves" if server["uses_sorry_server"] else ""
            yield (
                f"{server['name']} has lost its quorum: weight {server['weight_up']} of its "
                f"servers is up, it takes {server['quorum']}{sorry}"
            )


def odd_servers(servers: Servers) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Real servers that are not simply up, each behind its virtual server."""
    for server in servers:
        for real in server["real_servers"]:
            if _state(real) != "UP":
                yield server, real


def real_sentence(server: dict[str, Any], real: dict[str, Any]) -> str:
    """Why a real server is what it is."""
    word = {"DOWN": "out", "UP": "in"}.get(_state(real), _state(real).lower())
    return f"{real['address']} of {server['name']} is {word} because: {real['why']}"


def virtual_sentence(server: dict[str, Any]) -> str:
    """Whether it serves, and by how much."""
    quorum = f"weight {server['weight_up']} of its servers is up, its quorum is {server['quorum']}"
    sorry = f", and {server['sorry_server']} serves" if server["uses_sorry_server"] else ""
    return f"{server['name']} is {server['state']}: {quorum}{sorry}"


def _is_odd(server: dict[str, Any]) -> bool:
    """Whether a person may want to look at it."""
    return bool(
        server["state"] != "UP"
        or server["alarm"]
        or any(_state(real) != "UP" for real in server["real_servers"])
    )


def _state(real: dict[str, Any]) -> str:
    """What is done with it counts more than what it is."""
    admin = str(real["admin"])
    return str(real["state"]) if admin == "enabled" else admin.upper()


def _weight(real: dict[str, Any]) -> str:
    """In the table, and in brackets what the file says where that is another."""
    effective, wanted = real["weight_effective"], real["weight"]
    if effective == wanted:
        return str(wanted)
    return f"{'-' if effective is None else effective} ({wanted})"


def _of_virtual(server: dict[str, Any]) -> Iterator[str]:
    methods = sorted({real["method"] for real in server["real_servers"]})
    yield " ".join([server["scheduler"], *methods])
    if server["persistence_s"]:
        yield f"persistent {server['persistence_s']:g} s"
    if server["suspended"]:
        yield "not checked while its address is elsewhere (ha_suspend)"
    if server["sorry_server"]:
        what = "serves" if server["uses_sorry_server"] else "waits"
        yield f"sorry server {server['sorry_server']} {what}"


def _of_real(real: dict[str, Any]) -> str:
    """Why, where it is not simply up; and else its last failure."""
    if real["admin"] != "enabled":
        left = real["admin_ends_in_s"]
        ends = "" if left is None else f", {span(left)} left"
        up = "" if real["state"] == "UP" else f"; {real['why']}"
        return f"by an operator{ends}{up}"
    if real["state"] != "UP":
        return str(real["why"])
    if real["last_failure"] and real["last_failure_ago_s"] is not None:
        return f"last failure {span(real['last_failure_ago_s'])} ago: {real['last_failure']}"
    return ""


def _sum(server: dict[str, Any], name: str) -> int | None:
    known = [real[name] for real in server["real_servers"] if real[name] is not None]
    return sum(known) if known else None


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

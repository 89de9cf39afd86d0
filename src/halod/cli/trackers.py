"""The trackers as `haloctl status` shows them: what each is, since when, and what was seen last.

Knows how the daemon's answer is laid out for a terminal. Must not reckon anything itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.table import Table
from rich.text import Text

from halod.cli.spans import span

__all__ = ["tracker_table"]

_WORDS = {True: ("well", "green"), False: ("failing", "bold red"), None: ("unknown", "dim")}


def tracker_table(trackers: Iterable[dict[str, Any]], checks: Iterable[dict[str, Any]]) -> Table:
    """One row a tracker; what the runner says of a script stands behind it."""
    by_name = {check["name"]: check for check in checks}
    table = Table(box=None, pad_edge=False)
    for name in ("tracker", "is", "for", "last", "seen"):
        table.add_column(name, header_style="dim", overflow="fold")
    for tracker in trackers:
        word, style = _WORDS[tracker["up"]]
        check = by_name.get(tracker["name"], {}) if tracker["kind"] == "script" else {}
        table.add_row(
            f"{tracker['kind']} {tracker['name']}",
            Text(word, style=style),
            span(tracker["since_s"]),
            _last(tracker, check),
            _seen(check),
        )
    return table


def _last(tracker: dict[str, Any], check: dict[str, Any]) -> str:
    last = check.get("last") or tracker["detail"] or "-"
    return f"{last} ({check['towards']})" if check.get("towards") else str(last)


def _seen(check: dict[str, Any]) -> str:
    """`0.4 s ago, took 12 ms`, or for how long it runs already."""
    if check.get("running_s") is not None and check["last_ago_s"] is None:
        return f"runs for {span(check['running_s'])}"
    if check.get("last_ago_s") is None:
        return "-"
    return f"{span(check['last_ago_s'])} ago, took {check['took_s'] * 1000:.0f} ms"

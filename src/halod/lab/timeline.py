"""Drawing what happened: a row a host, columns of time, then answers and requests below.

Pure: values to rich text, which a terminal shows in colour and a pipe plain. Must not measure.
"""

from dataclasses import dataclass
from itertools import pairwise

from rich.text import Text

from halod.lab.ownership import Holding, share
from halod.lab.report import Probe, Request

WAITED_NS = 200_000_000
"""A request that took longer than this is drawn as one that waited; nginx answers in 3 ms."""

LABEL_WIDTH = 10
"""Columns left of the drawing."""


@dataclass(frozen=True)
class Mark:
    """Something that was done, to be found again in the drawing."""

    at_ns: int
    """When, monotonic nanoseconds."""

    text: str
    """What, a few words."""


@dataclass(frozen=True)
class Chart:
    """What is to be drawn."""

    start_ns: int
    """Left edge, monotonic nanoseconds."""

    end_ns: int
    """Right edge; after the left one."""

    hosts: tuple[str, ...]
    """A row each, from above."""

    vips: tuple[str, ...]
    """A block of rows each."""

    holdings: tuple[Holding, ...]
    """Who held what."""

    probes: tuple[Probe, ...] = ()
    """Questions to the VIPs; without any the row is left out."""

    requests: tuple[Request, ...] = ()
    """Requests through the VIPs; without any the row is left out."""

    marks: tuple[Mark, ...] = ()
    """Events, in the order of time."""


@dataclass(frozen=True)
class Signs:
    """The characters of a drawing."""

    held: str
    """The host held the VIP for at least half of the column."""

    partly: str
    """It held it for less than half of the column."""

    nothing: str
    """It did not hold it, or nothing was asked."""

    fine: str
    """Everything asked in the column was answered at once."""

    waited: str
    """A request had to wait."""

    lost: str
    """A question was lost, or a request failed."""


UNICODE = Signs("█", "▒", "·", "─", "▄", "×")
ASCII = Signs("#", "+", ".", "-", "w", "x")


def draw(chart: Chart, width: int, signs: Signs = UNICODE) -> Text:
    """The drawing, at most `width` columns wide (at least 40)."""
    columns = max(width - LABEL_WIDTH - 2, 28)
    lines: list[Text] = []
    for vip in chart.vips:
        lines.append(Text(vip, style="bold"))
        lines.extend(
            row(host, host_cells(chart, host, vip, columns, signs)) for host in chart.hosts
        )
        lines.extend(conflict_rows(chart, vip, columns))
        if probes := [probe for probe in chart.probes if probe.vip == vip]:
            lines.append(row("answers", probe_cells(chart, probes, columns, signs)))
        if requests := [request for request in chart.requests if request.vip == vip]:
            lines.append(row("requests", request_cells(chart, requests, columns, signs)))
    if chart.marks:
        lines.append(row("", mark_cells(chart, columns)))
    lines.append(row("", axis_cells(chart, columns)))
    for letter, mark in zip(letters(), chart.marks, strict=False):
        at_s = (mark.at_ns - chart.start_ns) / 1e9
        lines.append(Text(f"  {letter}  {at_s:5.1f} s  {mark.text}"))
    lines.append(legend(chart, signs))
    for line in lines:
        line.rstrip()
    return Text("\n").join(lines)


Cell = tuple[str, str]
"""A character and its style."""


def row(label: str, cells: list[Cell]) -> Text:
    """One line of the drawing."""
    text = Text(f"  {label:<{LABEL_WIDTH}}")
    for sign, style in cells:
        text.append(sign, style)
    return text


def edges(chart: Chart, columns: int) -> list[tuple[int, int]]:
    """Begin and end of each column, nanoseconds; together they cover the chart without a gap."""
    length_ns = chart.end_ns - chart.start_ns
    starts = [chart.start_ns + length_ns * column // columns for column in range(columns + 1)]
    return list(pairwise(starts))


def column_of(chart: Chart, at_ns: int, columns: int) -> int:
    """The column in which an instant lies; those outside the chart lie at its edges."""
    position = (at_ns - chart.start_ns) * columns // (chart.end_ns - chart.start_ns)
    return min(max(position, 0), columns - 1)


def host_cells(chart: Chart, host: str, vip: str, columns: int, signs: Signs) -> list[Cell]:
    """Where a host held a VIP."""
    mine = [holding for holding in chart.holdings if (holding.host, holding.vip) == (host, vip)]
    cells: list[Cell] = []
    for first, last in edges(chart, columns):
        held_ns = sum(
            max(0, min(holding.end_ns, last) - max(holding.start_ns, first)) for holding in mine
        )
        if held_ns == 0:
            cells.append((signs.nothing, "dim"))
        else:
            cells.append((signs.held if 2 * held_ns >= last - first else signs.partly, "cyan"))
    return cells


def conflict_rows(chart: Chart, vip: str, columns: int) -> list[Text]:
    """A row of exclamation marks where two hosts held the VIP; no row when that never was."""
    cells: list[Cell] = [
        ("!" if share(chart.holdings, vip, first, last).two_longest_ns > 1_000_000 else " ", "red")
        for first, last in edges(chart, columns)
    ]
    return [row("two owners", cells)] if any(sign == "!" for sign, _style in cells) else []


def probe_cells(chart: Chart, probes: list[Probe], columns: int, signs: Signs) -> list[Cell]:
    """Where questions were answered, and where at least one was lost."""
    cells: list[Cell] = [(signs.nothing, "dim")] * columns
    for probe in probes:
        column = column_of(chart, probe.sent_ns, columns)
        if probe.host is None:
            cells[column] = (signs.lost, "red")
        elif cells[column][0] == signs.nothing:
            cells[column] = (signs.fine, "green")
    return cells


def request_cells(chart: Chart, requests: list[Request], columns: int, signs: Signs) -> list[Cell]:
    """How requests fared, drawn where they began: the worst of each column."""
    ranks: list[Cell] = [
        (signs.nothing, "dim"),
        (signs.fine, "green"),
        (signs.waited, "yellow"),
        (signs.lost, "red"),
    ]
    worst = [0] * columns
    for request in requests:
        column = column_of(chart, request.sent_ns, columns)
        success = 2 if request.wait_ns > WAITED_NS else 1
        worst[column] = max(worst[column], success if request.error is None else 3)
    return [ranks[rank] for rank in worst]


def letters() -> str:
    """Names of marks in the drawing; more than 26 are drawn without one."""
    return "abcdefghijklmnopqrstuvwxyz"


def mark_cells(chart: Chart, columns: int) -> list[Cell]:
    """The marks' letters below their columns; of two in one column the next free one is taken."""
    cells: list[Cell] = [(" ", "")] * columns
    for letter, mark in zip(letters(), chart.marks, strict=False):
        column = column_of(chart, mark.at_ns, columns)
        free = [place for place in range(column, columns) if cells[place][0] == " "]
        if free:
            cells[free[0]] = (letter, "bold")
    return cells


def axis_cells(chart: Chart, columns: int) -> list[Cell]:
    """Seconds since the left edge, at round distances."""
    length_s = (chart.end_ns - chart.start_ns) / 1e9
    step_s = next((step for step in (1, 2, 5, 10, 20, 60) if length_s / step <= columns / 8), 120)
    line = [" "] * columns
    for second in range(0, int(length_s) + 1, step_s):
        label = f"{second} s"
        column = column_of(chart, chart.start_ns + second * 1_000_000_000, columns)
        if column + len(label) <= columns:
            line[column : column + len(label)] = label
    return [(sign, "dim") for sign in line]


def legend(chart: Chart, signs: Signs) -> Text:
    """What the signs mean, for those that the drawing can hold."""
    parts = [f"{signs.held} held the VIP", f"{signs.partly} part of the column"]
    if chart.probes or chart.requests:
        parts.append(f"{signs.fine} answered")
    if chart.requests:
        parts.append(f"{signs.waited} waited over {WAITED_NS / 1e9:g} s")
    if chart.probes or chart.requests:
        parts.append(f"{signs.lost} lost")
    return Text("  " + "   ".join(parts), style="dim")

"""The drawing: lanes over one axis of time, as SVG whose width is the reader's. Pure.

Knows geometry: heights in pixels, positions along the time in per cent, so the same drawing fits a
telephone and a wall and needs no script. Must not know where on the page it stands.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from halod.lab.ownership import Holding
from halod.lab.picture.runs import answer_runs, conflicts
from halod.lab.picture.story import LogLine, Scene, Weight
from halod.lab.picture.words import S, instant, length, letter, text
from halod.lab.report import Request
from halod.lab.timeline import WAITED_NS, Chart

BADGE_ROWS = 2
BADGE_HEIGHT = 22
BADGE_APART_PERCENT = 6.0
"""Badges that stand nearer are put into two rows."""

LANE_HEIGHT = 20
LANE_GAP = 4
CAPTION_HEIGHT = 24
AXIS_HEIGHT = 24
REQUESTS_HEIGHT = 76
"""Four decades of waiting, 1 ms to 10 s."""

WAIT_MIN_NS = 1_000_000
DECADES = 4

TICKS_MAX = 9
"""Labels of the axis: more would touch each other on a narrow screen."""

TICKS_ZOOMED_MAX = 36
"""Labels that appear when the drawing is at least twice as wide."""

TICK_STEPS_S = (1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600, 21600, 86400)

TEXT_WITHIN_PERCENT = 9.0
"""A stretch that is wider than this has its length written inside."""


@dataclass
class Canvas:
    """A drawing under way: the lanes' elements, the labels beside them, the height so far."""

    chart: Chart
    y: int = BADGE_ROWS * BADGE_HEIGHT + LANE_GAP
    lanes: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def percent(self, at_ns: int) -> float:
        """Where an instant stands; those outside stand at the edges."""
        length_ns = max(1, self.chart.end_ns - self.chart.start_ns)
        return min(max((at_ns - self.chart.start_ns) * 100 / length_ns, 0.0), 100.0)

    def label(self, said: str, height: int, kind: str = "lane") -> None:
        """The name of the lane that begins here."""
        middle = self.y + height / 2
        self.labels.append(
            f'<text class="{kind}" x="0" y="{middle:g}" dy=".35em">{text(said)}</text>'
        )

    def bar(
        self, start_ns: int, end_ns: int, kind: str, title: str, written: str = "", height: int = 0
    ) -> None:
        """A stretch of time in the lane that begins here; never so short that it is not seen."""
        height = height or LANE_HEIGHT
        first, last = self.percent(start_ns), self.percent(end_ns)
        self.lanes.append(
            f'<g class="bar {kind}"><title>{text(title)}</title>'
            f'<rect x="{first:.3f}%" y="{self.y}" width="{last - first:.3f}%" height="{height}"/>'
            f'<line x1="{first:.3f}%" x2="{first:.3f}%" y1="{self.y}" y2="{self.y + height}"/>'
        )
        if written and last - first >= TEXT_WITHIN_PERCENT:
            middle = f'x="{(first + last) / 2:.3f}%" y="{self.y + height / 2:g}"'
            self.lanes.append(f'<text {middle} dy=".35em">{text(written)}</text>')
        self.lanes.append("</g>")

    def base(self, height: int) -> None:
        """The empty lane below what is drawn into it."""
        self.lanes.append(f'<rect class="base" x="0" y="{self.y}" width="100%" height="{height}"/>')


def drawing(scene: Scene, name: str) -> str:
    """Labels and lanes side by side; `name` makes the ids of its elements unique on the page."""
    chart = scene.chart
    canvas = Canvas(chart)
    for vip in chart.vips:
        canvas.label(vip, CAPTION_HEIGHT, "caption")
        canvas.y += CAPTION_HEIGHT
        draw_owners(canvas, vip)
        draw_answers(canvas, vip)
        if requests := [request for request in chart.requests if request.vip == vip]:
            draw_requests(canvas, requests)
    draw_logs(canvas, scene.log)
    bottom = canvas.y + LANE_GAP
    height = bottom + AXIS_HEIGHT
    grid = "".join(axis(chart, canvas, bottom))
    steps = "".join(badges(canvas, bottom))
    return (
        f'<div class="plot" data-scene="{name}">'
        f'<svg class="labels" height="{height}" aria-hidden="true">{"".join(canvas.labels)}</svg>'
        f'<div class="lanes" tabindex="0" role="group" aria-label="Timeline: arrow keys move">'
        f'<svg width="100%" height="{height}" role="img" aria-labelledby="{name}-alt">'
        f'<title id="{name}-alt">{text(alternative(scene))}</title>'
        f"{grid}{''.join(canvas.lanes)}{steps}"
        f'<line class="cursor" x1="0" x2="0" y1="0" y2="{bottom}"/></svg></div>'
        f'<div class="tip" role="status" hidden></div></div>'
    )


def alternative(scene: Scene) -> str:
    """The drawing in a sentence, for who cannot see it; the tables tell the rest."""
    chart = scene.chart
    hosts, vips = ", ".join(chart.hosts), " and ".join(chart.vips)
    whole = length(chart.end_ns - chart.start_ns)
    return (
        f"Timeline of {whole}: which of {hosts} held {vips}, who answered, what was done. "
        "The same stands in the tables below."
    )


def host_class(chart: Chart, host: str | None) -> str:
    """The colour of a host: by its place, so that it is the same in every lane."""
    return f"host{chart.hosts.index(host) % 4}" if host in chart.hosts else "other"


def draw_owners(canvas: Canvas, vip: str) -> None:
    """A lane a host: where it held the VIP; then, across them, where two did."""
    chart = canvas.chart
    top = canvas.y
    for host in chart.hosts:
        canvas.label(host, LANE_HEIGHT)
        canvas.base(LANE_HEIGHT)
        for holding in owned(chart, vip):
            if holding.host == host:
                lasted = length(holding.end_ns - holding.start_ns)
                title = f"{host} held {vip} for {lasted}, {span(chart, holding)}"
                canvas.bar(holding.start_ns, holding.end_ns, host_class(chart, host), title, lasted)
        canvas.y += LANE_HEIGHT + LANE_GAP
    below, canvas.y = canvas.y, top
    for start_ns, end_ns in conflicts(owned(chart, vip), vip):
        title = f"two owners of {vip} for {length(end_ns - start_ns)}"
        canvas.bar(start_ns, end_ns, "two", title, height=below - top - LANE_GAP)
    canvas.y = below


def owned(chart: Chart, vip: str) -> list[Holding]:
    """The holdings of a VIP, cut to the chart."""
    return [
        Holding(
            holding.host,
            vip,
            max(holding.start_ns, chart.start_ns),
            min(holding.end_ns, chart.end_ns),
        )
        for holding in chart.holdings
        if holding.vip == vip
        and holding.start_ns <= chart.end_ns
        and holding.end_ns >= chart.start_ns
    ]


def span(chart: Chart, stretch: Holding) -> str:
    """Begin and end, since the left edge."""
    start, end = stretch.start_ns - chart.start_ns, stretch.end_ns - chart.start_ns
    return f"{instant(start)} to {instant(end)}"


def draw_answers(canvas: Canvas, vip: str) -> None:
    """Who answered the prober; nobody is hatched, and in red once somebody had answered."""
    chart = canvas.chart
    runs = answer_runs(probe for probe in chart.probes if probe.vip == vip)
    if not runs:
        return
    canvas.label("answers", LANE_HEIGHT)
    canvas.base(LANE_HEIGHT)
    for run in runs:
        lasted = length(run.end_ns - run.start_ns)
        kind = host_class(chart, run.host) + " answer"
        who = run.host or "nobody"
        if run.host is None:
            kind = "waiting" if run.first else "nobody"
        title = f"{who} answered for {lasted} from {instant(run.start_ns - chart.start_ns)}"
        canvas.bar(run.start_ns, run.end_ns, kind, title, f"{who} {lasted}")
    canvas.y += LANE_HEIGHT + LANE_GAP


def draw_requests(canvas: Canvas, requests: Iterable[Request]) -> None:
    """A dot a request, where it began; the higher, the longer it waited."""
    canvas.label("requests", LANE_HEIGHT)
    canvas.base(REQUESTS_HEIGHT)
    for decade, said in enumerate(("10 s", "1 s", "100 ms", "10 ms")):
        y = canvas.y + wait_y(10 ** (DECADES - decade) * WAIT_MIN_NS)
        canvas.lanes.append(f'<line class="decade" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>')
        if decade:
            label = f'x="100%" y="{y:.1f}" dy=".35em"'
            canvas.labels.append(f'<text class="decade" {label}>{said}</text>')
    for request in requests:
        title = request_words(canvas.chart, request)
        kind = "waited" if request.wait_ns > WAITED_NS else "fine"
        radius = 2.6 if request.wait_ns > WAITED_NS else 1.6
        if request.error is not None:
            kind, radius = "failed", 3.5
        x = canvas.percent(request.sent_ns)
        y = canvas.y + wait_y(request.wait_ns)
        canvas.lanes.append(
            f'<circle class="{kind}" cx="{x:.2f}%" cy="{y:.1f}" r="{radius}">'
            f"<title>{text(title)}</title></circle>"
        )
    canvas.y += REQUESTS_HEIGHT + LANE_GAP


def request_words(chart: Chart, request: Request) -> str:
    """One request in a sentence."""
    answered = request.error or f"answered by {request.server}"
    again = f", sent again {request.again} times" if request.again else ""
    sent = instant(request.sent_ns - chart.start_ns)
    return f"{request.name} at {sent}: {answered} after {length(request.wait_ns)}{again}"


def wait_y(wait_ns: int) -> float:
    """How far below the upper edge of its lane a wait is drawn, on a logarithmic scale."""
    decades = math.log10(max(wait_ns, WAIT_MIN_NS) / WAIT_MIN_NS)
    inside = REQUESTS_HEIGHT - 12
    return 6 + inside * (1 - min(decades, DECADES) / DECADES)


def draw_logs(canvas: Canvas, log: Iterable[LogLine]) -> None:
    """A lane a host: a tick a line; a coarse clock's line is as wide as it is uncertain."""
    lines = [line for line in log if line.weight is not Weight.DETAIL]
    if not lines:
        return
    canvas.label("log", CAPTION_HEIGHT, "caption")
    canvas.y += CAPTION_HEIGHT
    for host in canvas.chart.hosts:
        canvas.label(host, LANE_HEIGHT)
        canvas.base(LANE_HEIGHT)
        for line in lines:
            if line.host == host and line.within_ns < S:
                canvas.bar(line.at_ns, line.at_ns, f"log {line.weight.value}", line.text)
        coarse = [line for line in lines if line.host == host and line.within_ns >= S]
        for at_ns in sorted({line.at_ns for line in coarse}):
            said = [line for line in coarse if line.at_ns == at_ns]
            title = "; ".join(line.text for line in said)
            canvas.bar(at_ns, at_ns + said[0].within_ns, "log coarse", title)
        canvas.y += LANE_HEIGHT + LANE_GAP


def axis(chart: Chart, canvas: Canvas, bottom: int) -> Iterator[str]:
    """Seconds since the left edge at round distances, and lines up through the lanes."""
    length_s = (chart.end_ns - chart.start_ns) / S
    step_s, fine_s = (
        next((step for step in TICK_STEPS_S if length_s / step <= at_most), TICK_STEPS_S[-1])
        for at_most in (TICKS_MAX, TICKS_ZOOMED_MAX)
    )
    top = BADGE_ROWS * BADGE_HEIGHT
    for second in range(0, int(length_s) + 1, fine_s):
        kind = "" if second % step_s == 0 else " fine-tick"
        x = canvas.percent(chart.start_ns + second * S)
        yield f'<line class="grid{kind}" x1="{x:.3f}%" x2="{x:.3f}%" y1="{top}" y2="{bottom}"/>'
        anchor = "end" if x > 96 else "middle" if x > 2 else "start"
        yield (
            f'<text class="tick{kind}" x="{x:.3f}%" y="{bottom + 16}" text-anchor="{anchor}">'
            f"{second} s</text>"
        )


def badges(canvas: Canvas, bottom: int) -> Iterator[str]:
    """A letter a step above the lanes, and a line down through them."""
    row, before = 0, -100.0
    for index, mark in enumerate(canvas.chart.marks):
        x = canvas.percent(mark.at_ns)
        row = (row + 1) % BADGE_ROWS if x - before < BADGE_APART_PERCENT else 0
        before = x
        y = BADGE_HEIGHT * (row + 0.5)
        title = f"{instant(mark.at_ns - canvas.chart.start_ns)}: {mark.text}"
        yield (
            f'<g class="step"><title>{text(title)}</title>'
            f'<line x1="{x:.3f}%" x2="{x:.3f}%" y1="{y + 9:g}" y2="{bottom}"/>'
            f'<circle cx="{x:.3f}%" cy="{y:g}" r="9"/>'
            f'<text x="{x:.3f}%" y="{y:g}" dy=".35em">{letter(index)}</text></g>'
        )

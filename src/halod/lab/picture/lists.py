"""What stands beside a drawing: figures, steps with what was seen, the log, the tables. Pure.

Knows HTML's lists and tables. Must not draw.
"""

from collections.abc import Iterable, Iterator, Sequence

from halod.lab.ownership import share
from halod.lab.picture.runs import answer_runs, real_outages
from halod.lab.picture.story import LogLine, Scene, Seen, Weight
from halod.lab.picture.words import S, instant, length, letter, text
from halod.lab.report import Request
from halod.lab.timeline import WAITED_NS, Chart

COARSE = " · keepalived's clock shows whole seconds"

ROWS_MAX = 100
"""Rows of a table: more are not read, and a lab that failed for an hour would make ten thousand."""


def figures(scene: Scene) -> str:
    """The figures that one looks for first."""
    return f'<dl class="figures">{"".join(figure_items(scene))}</dl>'


def figure_items(scene: Scene) -> Iterator[str]:
    """One figure after the other."""
    chart = scene.chart
    if scene.seen:
        held = sum(seen.observation.held for seen in scene.seen)
        kind = "good" if held == len(scene.seen) else "bad"
        yield figure("observations held", f"{held} of {len(scene.seen)}", kind)
    for vip in chart.vips:
        probes = [probe for probe in chart.probes if probe.vip == vip]
        found = real_outages(probes)
        if probes:
            longest_ns = max((outage.end_ns - outage.start_ns for outage in found), default=0)
            yield figure(f"longest outage of {vip}", length(longest_ns) if found else "none")
        two_ns = share(chart.holdings, vip, chart.start_ns, chart.end_ns).two_ns
        yield figure(f"two owners of {vip}", length(two_ns) if two_ns else "never")
    if chart.requests:
        failed = sum(request.error is not None for request in chart.requests)
        kind = "bad" if failed else "good"
        total = len(chart.requests)
        yield figure("requests that succeeded", f"{total - failed} of {total}", kind)
        longest_ns = max(request.wait_ns for request in chart.requests)
        yield figure("longest wait of a request", length(longest_ns))


def figure(name: str, value: str, kind: str = "") -> str:
    """One figure."""
    return f'<div class="{kind}"><dt>{text(name)}</dt><dd>{text(value)}</dd></div>'


def steps(scene: Scene) -> str:
    """What was done, each step with what was seen after it."""
    marks = scene.chart.marks
    if not marks and not scene.seen:
        return ""
    starts_ns = [mark.at_ns for mark in marks]
    parts = ['<section class="steps"><h3>What was done and seen</h3>']
    before = [seen for seen in scene.seen if not starts_ns or seen.at_ns < starts_ns[0]]
    parts += observations(scene.chart, before)
    for index, mark in enumerate(marks):
        until_ns = starts_ns[index + 1] if index + 1 < len(marks) else None
        after = [
            seen
            for seen in scene.seen
            if seen.at_ns >= mark.at_ns and (until_ns is None or seen.at_ns < until_ns)
        ]
        at_ns = mark.at_ns - scene.chart.start_ns
        parts.append(
            f'<h4 data-at="{at_ns / S:.4f}"><span class="badge">{letter(index)}</span>'
            f" {text(mark.text)} <time>{instant(at_ns)}</time></h4>"
        )
        parts += observations(scene.chart, after)
    return "".join([*parts, "</section>"])


def observations(chart: Chart, found: Sequence[Seen]) -> list[str]:
    """A list of what must be seen and was seen; nothing for no observation."""
    if not found:
        return []
    return ["<ul>", *(observation(chart, seen) for seen in found), "</ul>"]


def observation(chart: Chart, seen: Seen) -> str:
    """One observation."""
    one = seen.observation
    kind, word, sign = ("held", "held", "✓") if one.held else ("failed", "did not hold", "✗")
    note = f'<p class="note">{text(one.note)}</p>' if one.note else ""
    return (
        f'<li class="{kind}" data-at="{(seen.at_ns - chart.start_ns) / S:.4f}">'
        f'<span class="verdict" role="img" aria-label="{word}">{sign}</span>'
        f'<div><p class="expected">{text(one.expected)}</p>'
        f'<p class="seen"><span class="hidden">seen: </span>{text(one.seen)}</p>{note}</div></li>'
    )


def log(scene: Scene, name: str) -> str:
    """What the nodes said, in the order of time; details are shown when asked for."""
    if not scene.log:
        return ""
    coarse = any(line.within_ns >= S for line in scene.log)
    rows = "".join(log_row(scene.chart, line) for line in scene.log)
    return (
        '<section class="log"><h3>What the nodes say, and why</h3>'
        f'<p class="option"><label><input type="checkbox" id="{name}-details"> '
        f"details too</label>{COARSE if coarse else ''}</p>"
        "<table><thead><tr><th>time</th><th>host</th><th>line</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></section>"
    )


def log_row(chart: Chart, line: LogLine) -> str:
    """One line of the log."""
    at_ns = line.at_ns - chart.start_ns
    if line.within_ns >= S:
        time = f"{at_ns / S:.1f} to {(at_ns + line.within_ns) / S:.1f} s"
    else:
        time = instant(at_ns)
    times = f' <span class="times">{line.times} times</span>' if line.times > 1 else ""
    colour = chart.hosts.index(line.host) % 4 if line.host in chart.hosts else ""
    detail = " detail" if line.weight is Weight.DETAIL else ""
    return (
        f'<tr class="{line.weight.value}{detail}" data-at="{at_ns / S:.4f}">'
        f'<td class="time">{time}</td>'
        f'<td><span class="host host{colour}">{text(line.host)}</span></td>'
        f"<td>{text(line.text)}{times}</td></tr>"
    )


def tables(scene: Scene) -> str:
    """The drawing once more as tables: for who cannot see it, and for exact figures."""
    chart = scene.chart
    parts = [table("Who held the address", ("VIP", "host", "from", "to", "for"), held_rows(chart))]
    if chart.probes:
        head = ("VIP", "answered by", "from", "to", "for")
        parts.append(table("Who answered the prober", head, answer_rows(chart)))
    slow = [
        request
        for request in chart.requests
        if request.error is not None or request.wait_ns > WAITED_NS
    ]
    if chart.requests:
        caption = f"Requests that failed or waited over {length(WAITED_NS)}"
        titles = ("name", "VIP", "sent", "waited", "answered by", "sent again")
        parts.append(table(caption, titles, request_rows(chart, slow)))
    return f"<details><summary>The same as tables</summary>{''.join(parts)}</details>"


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that can be scrolled sideways on a narrow screen."""
    titles = "".join(f'<th scope="col">{text(title)}</th>' for title in head)
    cells = [f"<tr>{''.join(f'<td>{text(cell)}</td>' for cell in row)}</tr>" for row in rows]
    body = "".join(cells[:ROWS_MAX])
    if len(cells) > ROWS_MAX:
        body += f'<tr><td colspan="{len(head)}">and {len(cells) - ROWS_MAX} more</td></tr>'
    empty = f'<tr><td colspan="{len(head)}">none</td></tr>'
    return (
        f'<div class="scroll"><table><caption>{text(caption)}</caption>'
        f"<thead><tr>{titles}</tr></thead><tbody>{body or empty}</tbody></table></div>"
    )


def held_rows(chart: Chart) -> Iterator[Sequence[str]]:
    """A row a holding."""
    for holding in chart.holdings:
        if holding.vip in chart.vips and holding.end_ns >= chart.start_ns:
            yield (holding.vip, holding.host, *times(chart, holding.start_ns, holding.end_ns))


def answer_rows(chart: Chart) -> Iterator[Sequence[str]]:
    """A row a stretch of answers."""
    for vip in chart.vips:
        for run in answer_runs(probe for probe in chart.probes if probe.vip == vip):
            yield (vip, run.host or "nobody", *times(chart, run.start_ns, run.end_ns))


def request_rows(chart: Chart, requests: Iterable[Request]) -> Iterator[Sequence[str]]:
    """A row a request."""
    for request in requests:
        yield (
            request.name,
            request.vip,
            instant(request.sent_ns - chart.start_ns),
            length(request.wait_ns),
            request.error or request.server or "",
            str(request.again),
        )


def times(chart: Chart, start_ns: int, end_ns: int) -> tuple[str, str, str]:
    """From, to and how long, inside the chart."""
    start_ns, end_ns = max(start_ns, chart.start_ns), min(end_ns, chart.end_ns)
    return (
        instant(start_ns - chart.start_ns),
        instant(end_ns - chart.start_ns),
        length(end_ns - start_ns),
    )

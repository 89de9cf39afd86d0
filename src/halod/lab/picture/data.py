"""A scene as JSON for the page's script: seconds since the left edge. Pure.

Knows the shape that `script.js` reads. Must not know HTML.
"""

from halod.lab.picture.runs import answer_runs
from halod.lab.picture.story import LogLine, Scene
from halod.lab.picture.words import S, letter
from halod.model.printable import printable


def scene_tree(scene: Scene) -> dict[str, object]:
    """What the pointer tells about an instant: who held, who answered, what was done and said."""
    chart = scene.chart

    def seconds(at_ns: int) -> float:
        return round((at_ns - chart.start_ns) / S, 4)

    def log_row(line: LogLine) -> list[object]:
        return [seconds(line.at_ns), line.within_ns / S, line.host, printable(line.text)]

    def vip_tree(vip: str) -> dict[str, object]:
        runs = answer_runs(probe for probe in chart.probes if probe.vip == vip)
        return {
            "vip": vip,
            "held": [
                [holding.host, seconds(holding.start_ns), seconds(holding.end_ns)]
                for holding in chart.holdings
                if holding.vip == vip
            ],
            "answers": [[run.host, seconds(run.start_ns), seconds(run.end_ns)] for run in runs],
            "requests": [
                [
                    seconds(request.sent_ns),
                    round(request.wait_ns / S, 4),
                    request.server,
                    request.error,
                    request.again,
                ]
                for request in chart.requests
                if request.vip == vip
            ],
        }

    return {
        "seconds": seconds(chart.end_ns),
        "vips": [vip_tree(vip) for vip in chart.vips],
        "steps": [
            [seconds(mark.at_ns), letter(index), printable(mark.text)]
            for index, mark in enumerate(chart.marks)
        ],
        "log": [log_row(line) for line in scene.log],
    }

"""A small story with something of everything, for the tests of the page."""

from halod.lab.observation import Observation
from halod.lab.ownership import Holding
from halod.lab.picture.story import LogLine, Scene, Seen, Story, Weight
from halod.lab.report import Probe, Request
from halod.lab.timeline import Chart, Mark

VIP = "192.0.2.3"
S = 1_000_000_000
START = 7 * S
"""The left edge: page times count from here."""


def at(seconds: float) -> int:
    return START + round(seconds * S)


def asked(seconds: float) -> Probe:
    """Nobody before 4 s and from 10 s to 10.6 s; lb01, and lb02 after that."""
    silent = seconds < 4 or 10 <= seconds < 10.6
    host = None if silent else "lb01" if seconds < 10 else "lb02"
    return Probe(VIP, at(seconds), host, 1000)


def story(name: str = "www", line: str = "(VI_1) Entering MASTER STATE") -> Story:
    """Twenty seconds; `name` and `line` go everywhere where a name or a log line can stand."""
    chart = Chart(
        start_ns=START,
        end_ns=at(20),
        hosts=("lb01", "lb02"),
        vips=(VIP,),
        holdings=(Holding("lb01", VIP, at(4), at(10.2)), Holding("lb02", VIP, at(10), at(20))),
        probes=tuple(asked(tenth / 10) for tenth in range(200)),
        requests=(
            Request(name, VIP, at(5), S // 250, name, None, 0),
            Request(name, VIP, at(10), 2 * S, "web01", None, 1),
            Request(name, VIP, at(11), 10 * S, None, line, 9),
        ),
        marks=(Mark(at(1), f"start {name}"), Mark(at(10), f"stop {name}")),
    )
    seen = (
        Seen(at(5), Observation(f"lb01 has {name}", line, True, f"note: {line}")),
        Seen(at(12), Observation(f"lb02 has {name}", line, False)),
    )
    log = (
        LogLine(at(4), 1_000_000, "lb01", "halod", Weight.STATE, line),
        LogLine(at(9), S, "lb02", "keepalived", Weight.DETAIL, line, 5),
        LogLine(at(10), S, "lb02", "keepalived", Weight.STATE, line),
    )
    return Story("halod: a lab", f"lb01 runs {name}", "now", (Scene(name, chart, seen, log),))

"""What nodes have logged, as values on the monotonic clock: halod's lines and keepalived's.

Knows the two formats. Must not judge: which line matters is decided by its words alone.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from halod.lab.balancer import NODE
from halod.lab.machine import Machine
from halod.lab.picture.story import LogLine, Weight

HALOD_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d) (\w+) +(.*)")
"""Time to the millisecond, severity, sentence (`daemon/logs.py`)."""

KEEPALIVED_LINE = re.compile(r"(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}): (.*)")
"""Local time in whole seconds, sentence."""

HALOD_WITHIN_NS = 1_000_000
KEEPALIVED_WITHIN_NS = 1_000_000_000

HALOD_WEIGHTS = {
    "notice": Weight.STATE,
    "warning": Weight.WARNING,
    "error": Weight.ALARM,
    "alert": Weight.ALARM,
}
"""What a severity of halod's tells; the others are details."""

CHANGES = re.compile(r"Entering \w+ STATE|priority|[Ss]topping|[Ff]ault|Starting VRRP")
"""What keepalived says when something happens to an instance; the rest tells how it goes on."""


def read_halod(line: str, host: str, wall_ahead_ns: int) -> LogLine | None:
    """A line of halod's, None where it is none (a traceback, say)."""
    found = HALOD_LINE.fullmatch(line)
    if found is None:
        return None
    written, severity, said = found.groups()
    at_ns = wall_ns(datetime.fromisoformat(written)) - wall_ahead_ns
    weight = HALOD_WEIGHTS.get(severity, Weight.DETAIL)
    return LogLine(at_ns, HALOD_WITHIN_NS, host, "halod", weight, said)


def read_keepalived(line: str, host: str, wall_ahead_ns: int) -> LogLine | None:
    """A line of keepalived's, None where it is none."""
    found = KEEPALIVED_LINE.fullmatch(line)
    if found is None:
        return None
    written, said = found.groups()
    at_ns = wall_ns(datetime.strptime(written, "%a %b %d %H:%M:%S %Y").astimezone()) - wall_ahead_ns
    weight = Weight.STATE if CHANGES.search(said) else Weight.DETAIL
    return LogLine(at_ns, KEEPALIVED_WITHIN_NS, host, "keepalived", weight, said)


def wall_ns(at: datetime) -> int:
    """Nanoseconds since 1970, without the rounding of a float."""
    return int(at.replace(microsecond=0).timestamp()) * 1_000_000_000 + at.microsecond * 1_000


def read_log(text: str, host: str, wall_ahead_ns: int) -> list[LogLine]:
    """All lines of one host's node log, whichever programs wrote them.

    `wall_ahead_ns` is what the wall clock shows more than the monotonic one. A line in neither
    format (a traceback, a shell's complaint) stands at the time of the line before it.
    """
    found: list[LogLine] = []
    for line in text.splitlines():
        read = read_halod(line, host, wall_ahead_ns) or read_keepalived(line, host, wall_ahead_ns)
        if read is not None:
            found.append(read)
        elif found and line.strip():
            found.append(replace(found[-1], weight=Weight.ALARM, text=line))
    return found


def read_logs(machines: Iterable[Machine]) -> list[LogLine]:
    """What the nodes on these machines have logged so far, host by host."""
    wall_ahead_ns = time.time_ns() - time.monotonic_ns()
    found: list[LogLine] = []
    for machine in machines:
        path = machine.log_path(NODE)
        if path.exists():
            found += read_log(path.read_text(errors="replace"), machine.name, wall_ahead_ns)
    return found


def between(lines: Iterable[LogLine], start_ns: int, end_ns: int) -> tuple[LogLine, ...]:
    """The lines of a stretch of time, in its order; one that is repeated at once is counted."""
    inside = [line for line in lines if start_ns - line.within_ns < line.at_ns <= end_ns]
    found: list[LogLine] = []
    for line in sorted(inside, key=lambda line: line.at_ns):
        if found and replace(found[-1], times=1) == line:
            found[-1] = replace(found[-1], times=found[-1].times + 1)
        else:
            found.append(line)
    return tuple(found)

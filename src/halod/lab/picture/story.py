"""What a page tells: scenes with what was done, seen, held, answered and logged. Values only.

Knows the values of the lab. Must not know HTML.
"""

from dataclasses import dataclass
from enum import Enum

from halod.lab.observation import Observation
from halod.lab.timeline import Chart


class Weight(Enum):
    """How much a line of a log matters to somebody who asks why."""

    DETAIL = "detail"
    STATE = "state"
    WARNING = "warning"
    ALARM = "alarm"


@dataclass(frozen=True)
class LogLine:
    """One line that a node has logged."""

    at_ns: int
    """When, monotonic nanoseconds; the begin of `within_ns` where the log is that coarse."""

    within_ns: int
    """How coarse its clock is: 1,000,000 for halod, 1,000,000,000 for keepalived."""

    host: str
    """Where the node runs."""

    program: str
    """What the node is: halod or keepalived."""

    weight: Weight
    """Whether it tells a detail, a change of state, or what somebody must look at."""

    text: str
    """What it says, without time and severity."""

    times: int = 1
    """How often it was said in a row."""


@dataclass(frozen=True)
class Seen:
    """An observation and its time."""

    at_ns: int
    """When it was made, monotonic nanoseconds."""

    observation: Observation
    """What was expected and what was seen."""


@dataclass(frozen=True)
class Scene:
    """A stretch of time with one drawing: a part of the demo, or the life of a lab."""

    title: str
    """A heading."""

    chart: Chart
    """Who held and answered, which requests waited, what was done."""

    seen: tuple[Seen, ...] = ()
    """What was observed, in the order of time."""

    log: tuple[LogLine, ...] = ()
    """What the nodes logged meanwhile, in the order of time."""


@dataclass(frozen=True)
class Story:
    """Everything on one page."""

    title: str
    """The page's heading."""

    summary: str
    """Which nodes ran, one sentence."""

    made_at: str
    """When, for people."""

    scenes: tuple[Scene, ...]
    """In the order of time."""

    @property
    def seen(self) -> list[Seen]:
        """Every observation."""
        return [seen for scene in self.scenes for seen in scene.seen]

"""What an instance tracks beside its adverts, what each tracker says, and what that does to it.

Knows arithmetic and wording. Must not know an instance's state, nor how anything is observed.

A tracker whose weight is 0 decides whether the instance takes part at all: while it fails the
instance is in FAULT. One with a weight moves the priority.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

__all__ = [
    "PRIORITY_HIGHEST",
    "PRIORITY_LOWEST",
    "WEIGHT_MAX",
    "Report",
    "Reports",
    "Tracked",
    "TrackerId",
    "TrackerKind",
    "Weight",
    "effective_priority",
    "failing",
    "unheard",
]

PRIORITY_OWNER: Final = 255
"""Weights neither make an owner of the addresses nor move one (RFC 9568, 5.2.4)."""
PRIORITY_LOWEST: Final = 1
"""The least that weights leave: 0 would resign (RFC 9568, 5.2.4)."""
PRIORITY_HIGHEST: Final = 254
"""The most that they give: 255 owns the addresses."""
WEIGHT_MAX: Final = 253
"""What lies between the lowest and the highest priority: a greater weight would do no more."""
VALUE_OF_FAULT: Final = -253
"""A file whose number times the weight is below this is a fault, as in keepalived."""


class TrackerKind(Enum):
    """What is observed. The value is how people call it."""

    __hash__ = object.__hash__

    INTERFACE = "interface"
    """`track_interface`: administratively up and with carrier."""
    SCRIPT = "script"
    """`vrrp_script`: exits with status 0."""
    FILE = "file"
    """`vrrp_track_file`: holds a number."""
    PROCESS = "process"
    """`vrrp_track_process`: as many processes run as are wanted."""
    VMAC = "link"
    """`use_vmac`: the link with the virtual MAC is there, and ours."""


@dataclass(frozen=True, slots=True)
class TrackerId:
    """One tracker of the configuration; any number of instances may track it."""

    kind: TrackerKind
    name: str
    """Of its block, or of the interface."""

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a tracker said last."""

    up: bool
    """Whether it is well. A file: whether its number is 0."""
    value: int = 0
    """The number of a file; 0 for the others."""
    detail: str = ""
    """More words for people (`exit 1`, `timed out after 2 s`); empty: nothing to add."""


Reports = Mapping[TrackerId, Report]
"""The trackers that have said something, and what each said last."""


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a tracker counts."""

    value: int = 0
    """-253 to 253."""
    reverse: bool = False
    """The value counts with the other sign."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """One line of a `track_...` block: that this instance minds that tracker, and how much."""

    tracker: TrackerId
    weight: int = 0
    """0: while it fails the instance is in FAULT. Above: added to the priority while it is well;
    below: taken off while it fails. A file: its number times this is added."""
    reverse: bool = False
    """`reverse`: a weight counts with the other sign; with weight 0 it is the tracker's being well
    that is the fault."""

    def adds(self, report: Report) -> int:
        """What it adds to the priority."""
        weight = -self.weight if self.reverse else self.weight
        if self.tracker.kind is TrackerKind.FILE:
            return report.value * weight
        counts = report.up if self.weight > 0 else not report.up
        return weight if counts else 0

    def fails(self, report: Report) -> bool:
        """Whether it keeps the instance in FAULT."""
        if self.weight == 0:
            return report.up == self.reverse
        return self.tracker.kind is TrackerKind.FILE and self.adds(report) < VALUE_OF_FAULT

    def priorities(self, base: int) -> tuple[int, int]:
        """What it alone makes of a priority: while it is well, and while it fails."""
        well, failed = (
            effective_priority(base, (self,), {self.tracker: Report(up)}) for up in (True, False)
        )
        return well, failed

    def sentence(self, report: Report) -> str:
        """`script chk_nginx failed (exit 1)`."""
        if self.tracker.kind is TrackerKind.FILE:
            words = f"says {report.value}"
        else:
            words = _WORDS[self.tracker.kind][report.up]
        detail = f" ({report.detail})" if report.detail else ""
        return f"{self.tracker} {words}{detail}"


_WORDS: Final[Mapping[TrackerKind, tuple[str, str]]] = {
    TrackerKind.INTERFACE: ("is down", "is up"),
    TrackerKind.SCRIPT: ("failed", "succeeds"),
    TrackerKind.PROCESS: ("does not run as wanted", "runs"),
    TrackerKind.VMAC: ("cannot be used", "is ready"),
}
"""(failing, well)."""


def effective_priority(base: int, trackers: Iterable[Tracked], reports: Reports) -> int:
    """The priority that is advertised: 1 to 254 with weights, 255 for an owner.

    A tracker that has said nothing yet adds nothing, nor does a file whose number is a fault.
    """
    if base == PRIORITY_OWNER:
        return base
    said = ((tracked, reports.get(tracked.tracker)) for tracked in trackers)
    moved = base + sum(t.adds(report) for t, report in said if report and not t.fails(report))
    return max(PRIORITY_LOWEST, min(PRIORITY_HIGHEST, moved))


def failing(trackers: Iterable[Tracked], reports: Reports) -> Tracked | None:
    """The first that keeps the instance in FAULT; None: none does."""
    for tracked in trackers:
        report = reports.get(tracked.tracker)
        if report is not None and tracked.fails(report):
            return tracked
    return None


def unheard(trackers: Iterable[Tracked], reports: Reports) -> TrackerId | None:
    """The first of weight 0 that has said nothing yet; None: each has."""
    for tracked in trackers:
        if tracked.weight == 0 and tracked.tracker not in reports:
            return tracked.tracker
    return None

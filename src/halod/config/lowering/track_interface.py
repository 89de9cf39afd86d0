"""What an instance tracks of the links: `track_interface`, and the links of its addresses.

Knows keepalived's rules about them. Must not know scripts, files and processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lexer import Word
from halod.config.lowering.tracked_line import read_tracked_line
from halod.config.scalars import interface_fault
from halod.config.tree import Statement
from halod.model.diagnostic import FindingSeverity, Label
from halod.model.tracking import Tracked, TrackerId, TrackerKind

__all__ = ["lower_track_interface"]


def lower_track_interface(
    lines: Sequence[Statement],
    own: str,
    carriers: Iterable[str],
    findings: Findings,
) -> tuple[Tracked, ...]:
    """The links that count, `own` excepted: that one is always minded, or never.

    `carriers`: links of addresses, routes and rules, but for those with `no_track`. A link that
    carries an address is minded without a weight (keepalived 2.2.7 does so even where
    a line gives it one).
    """
    found: dict[str, Tracked] = {}
    places: dict[str, Word] = {}
    for line in lines:
        read = read_tracked_line(line, findings)
        name = read.name.text
        fault = interface_fault(name)
        if fault is not None:
            findings.add(
                Code.BAD_INTERFACE,
                f"`{read.name.shown}` {fault}: the line has no effect",
                read.name.span,
                severity=FindingSeverity.IGNORED,
            )
        elif name == own:
            findings.add(
                Code.WITHOUT_EFFECT,
                f"`{name}` has nothing to do here: it is the instance's own interface, and when "
                "that is down there is no weight, only FAULT",
                read.name.span,
            )
        elif name in found:
            findings.add(
                Code.SAME_NAME,
                f"`{name}` is tracked already: this line has no effect",
                read.name.span,
                secondary=(Label(places[name].span, "it stands here already"),),
                helps=("remove one of them",),
            )
        else:
            found[name] = Tracked(_link(name), read.weight or 0, read.reverse)
            places[name] = read.name
    for name in carriers:
        if name != own:
            found[name] = Tracked(_link(name))
    return tuple(found.values())


def _link(name: str) -> TrackerId:
    return TrackerId(TrackerKind.INTERFACE, name)

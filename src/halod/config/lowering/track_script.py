"""The lines of `track_script` to trackers.

Knows those lines. Must not know what an instance does with a tracker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from halod.config.codes import Code
from halod.config.findings import Findings, did_you_mean
from halod.config.keywords.kinds import Keyword
from halod.config.keywords.kinds import Weight as WeightKind
from halod.config.lexer import Word
from halod.config.lowering.script import LoweredScript, Scripts
from halod.config.lowering.unfit_tracker import tell_no_such_tracker, tell_tracked_twice
from halod.config.scalars import clean_text, read_scalar
from halod.config.tree import Statement
from halod.model.diagnostic import Span
from halod.model.tracking import Tracked, Weight

__all__ = ["PlacedTracker", "lower_track_script"]

_WEIGHT = Keyword(kind=WeightKind(), sets="VrrpInstance.trackers", default="the line has no effect")


@dataclass(frozen=True, slots=True)
class PlacedTracker:
    """A tracker with the places that later rules point at."""

    tracked: Tracked
    entry: Word
    """Its name, where it is tracked."""
    weight: Span | None
    """Where its weight is written; None: nowhere, so it is 0."""


def lower_track_script(
    entries: Sequence[Statement], scripts: Scripts, findings: Findings
) -> tuple[PlacedTracker, ...]:
    """Those whose script there is; each once."""
    placed: dict[str, PlacedTracker] = {}
    for entry in entries:
        name = clean_text(entry.keyword, findings)
        if name not in scripts:
            tell_no_such_tracker("vrrp_script", entry.keyword, name, scripts, findings)
        elif name in placed:
            tell_tracked_twice(entry.keyword, placed[name].entry.span, findings)
        elif (script := scripts[name]) is not None:
            found = _place(entry, script, findings)
            if found is not None:
                placed[name] = found
    return tuple(placed.values())


def _place(entry: Statement, lowered: LoweredScript, findings: Findings) -> PlacedTracker | None:
    """keepalived 2.2.7 takes weight and `reverse` of the script, unless the line has a weight, and
    leaves a line out in which it does not know a word."""
    script = lowered.script
    weight, place = Weight(script.weight, script.reverse), lowered.weight
    words = entry.arguments
    if words and words[0].text == "weight":
        own = read_scalar(Statement(words[0], words[1:]), _WEIGHT, findings)
        if not isinstance(own, Weight):
            return None
        weight, place = own, words[1].span
    elif words:
        number = words[0].text.lstrip("+-").isdecimal()
        findings.add(
            Code.UNKNOWN_WORD,
            f"`{words[0].shown}` means nothing behind a script: the line has no effect",
            words[0].span,
            helps=() if number else ("behind it stands `weight N`, and then `reverse`",),
            fix=did_you_mean(words[0].span, f"weight {words[0].text}" if number else None),
        )
        return None
    tracked = Tracked(script.tracker, weight.value, weight.reverse)
    return PlacedTracker(tracked, entry.keyword, place)

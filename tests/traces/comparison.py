"""Two traces of one script, compared: what differs beyond the tolerance, and is not meant.

Values and arithmetic. Must not know sockets or labs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.traces.script import Known, Script, Stream
from tests.traces.trace import Mark, Trace

__all__ = ["Key", "differences", "tolerance_s", "unexpected"]

Key = tuple[int, Stream, str]
COUNT_SLACK = 0.1
"""Of the adverts of a run, beside those that fit into the tolerance of their times: the acts of
both pairs are not done at the same moment."""
STARTING_S = 0.6
"""What is told at the start waits until the process that tells it has started, too."""
WIDE_S = 0.25
"""How far a time may be from one that a listed difference names."""
NOTHING, ANY, CHANCE = "nothing", "ANY", "CHANCE"
_TOLD = re.compile(r"(?P<what>.*?)(?: \+(?P<at>\d+\.\d+))?")
TELLING_S = 0.3
"""What a pipe may add: lines are written by a process that is not in real time."""


def tolerance_s(script: Script, key: Key) -> float:
    """How far two times may be apart."""
    number, stream, host = key
    act = script.acts[number]
    found_s = min(0.6 * script.interval_s, 0.3) + act.slack_s + script.jitter_s
    if stream is Stream.NOTIFY:
        return found_s + TELLING_S + (STARTING_S if act.starts else 0.0)
    if stream is Stream.WIRE and act.starts not in (None, host):
        # A program starts when it can, and not in step with the adverts of others.
        return found_s + script.interval_s
    return found_s


def differences(script: Script, halod: Trace, keepalived: Trace) -> Iterator[Key]:
    """Where the two are not the same."""
    for key in halod:
        tolerance, act = tolerance_s(script, key), script.acts[key[0]]
        ours, theirs = halod[key], keepalived[key]
        if key[1] is Stream.WIRE and act.slack_s:
            ours, theirs = (
                _caught_up(ours, theirs, act.slack_s),
                _caught_up(theirs, ours, act.slack_s),
            )
        if not _same(ours, theirs, tolerance, script):
            yield key


def unexpected(script: Script, halod: Trace, keepalived: Trace) -> dict[Key, str]:
    """Differences that nobody meant, and those that were meant and are not there."""
    known = {(each.act, each.stream, each.host): each for each in script.differs}
    found = {}
    for key in differences(script, halod, keepalived):
        each, ours, theirs = known.pop(key, None), halod[key], keepalived[key]
        if each is None or not _fits(each, ours, theirs):
            shown = f"\n  halod:      {_text(ours)}\n  keepalived: {_text(theirs)}"
            found[key] = _where(script, key) + shown
            if each is not None:
                found[key] += f"\n  meant was:  {each.halod}\n  beside:     {each.keepalived}"
    for key in (key for key, each in known.items() if not each.chance):
        found[key] = f"{_where(script, key)}: no difference, and one is listed"
    return found


def _caught_up(
    marks: tuple[Mark, ...], other: tuple[Mark, ...], slack_s: float
) -> tuple[Mark, ...]:
    """Without what it said until it looked, where the other one looked before it said anything."""
    is_behind = len(marks) == len(other) + 1 and marks[0].end_s <= slack_s
    return marks[1:] if is_behind else marks


def _where(script: Script, key: Key) -> str:
    act, stream, host = key
    return f"{script.acts[act].words}: {stream.value} of {host}"


def _fits(known: Known, ours: tuple[Mark, ...], theirs: tuple[Mark, ...]) -> bool:
    return _is(known.halod, ours) and _is(known.keepalived, theirs)


def _is(told: str, marks: tuple[Mark, ...]) -> bool:
    """`told` is written as a trace is, and may leave out counts and times.

    ANY: something. CHANCE: something or nothing.
    """
    if told in (ANY, CHANCE):
        return told == CHANCE or bool(marks)
    wanted = [part for part in told.split("; ") if part != NOTHING]
    return len(wanted) == len(marks) and all(map(_is_one, wanted, marks))


def _is_one(told: str, mark: Mark) -> bool:
    parts = _TOLD.fullmatch(told)
    assert parts is not None
    if parts["what"] != mark.what:
        return False
    return parts["at"] is None or abs(float(parts["at"]) - mark.at_s) <= WIDE_S


def _same(
    ours: tuple[Mark, ...], theirs: tuple[Mark, ...], tolerance: float, script: Script
) -> bool:
    if [mark.what for mark in ours] != [mark.what for mark in theirs]:
        return False
    return all(_near(a, b, tolerance, script) for a, b in zip(ours, theirs, strict=True))


def _near(ours: Mark, theirs: Mark, tolerance: float, script: Script) -> bool:
    more = max(1.0, tolerance / script.interval_s) + COUNT_SLACK * max(ours.count, theirs.count)
    gaps_s = abs(ours.gap_s - theirs.gap_s)
    return (
        abs(ours.at_s - theirs.at_s) <= tolerance
        and abs(ours.end_s - theirs.end_s) <= tolerance
        and (
            min(ours.count, theirs.count) == 1 or gaps_s <= script.interval_s / 2 + script.jitter_s
        )
        and abs(ours.count - theirs.count) <= more
    )


def _text(marks: tuple[Mark, ...]) -> str:
    return "; ".join(map(str, marks)) or NOTHING

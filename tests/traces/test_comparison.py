"""The comparison can fail: it finds what it is there for, and leaves the tolerance alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from halod.lab.ownership import Holding
from tests.traces.acts import on
from tests.traces.catalogue import SCRIPTS
from tests.traces.comparison import unexpected
from tests.traces.port_ear import Advert, Announcement
from tests.traces.reasons import Reason
from tests.traces.script import VIP, Script, Stream, file_of, meant
from tests.traces.trace import Heard, Line, Mark, Part, Trace, trace_of

ACT = on("something happens", lambda stage: None, 1.0)
SCRIPT = Script("a test", file_of, (ACT,))
SECOND_NS = 1_000_000_000


def trace(stream: Stream, *marks: Mark) -> Trace:
    return {(0, stream, "lb01"): marks}


def mark(what: str, at_s: float = 0.2, count: int = 1) -> Mark:
    end_s = at_s + 0.2 * (count - 1)
    return Mark(what, at_s, end_s, count, 0.2 if count > 1 else 0.0)


@pytest.mark.parametrize(
    ("ours", "theirs", "is_found"),
    [
        ([mark("a")], [mark("a", 0.31)], False),
        ([mark("a")], [mark("a", 0.33)], True),
        ([mark("a")], [mark("b")], True),
        ([mark("a")], [], True),
        ([mark("a"), mark("b")], [mark("b"), mark("a")], True),
        ([mark("a", count=5)], [mark("a", count=5)], False),
        ([mark("a", count=5)], [mark("a", count=7)], True),
        ([replace(mark("a", count=5), gap_s=0.31)], [mark("a", count=5)], True),
    ],
)
def test_what_is_a_difference(ours: list[Mark], theirs: list[Mark], is_found: bool) -> None:
    found = unexpected(SCRIPT, trace(Stream.WIRE, *ours), trace(Stream.WIRE, *theirs))
    assert bool(found) is is_found


def test_a_meant_difference_must_be_there_and_be_as_it_is_told() -> None:
    known = meant(Reason.LEASE, (0, Stream.VIP, "lb01", "has x; loses x +0.5", "has x"))
    script = replace(SCRIPT, differs=known)
    ours = trace(Stream.VIP, Mark("has x", 0, 0), mark("loses x", 0.55))
    theirs = trace(Stream.VIP, Mark("has x", 0, 0))
    assert not unexpected(script, ours, theirs)
    assert unexpected(script, theirs, theirs), "it is listed, and not there"
    late = trace(Stream.VIP, Mark("has x", 0, 0), mark("loses x", 0.9))
    assert unexpected(script, late, theirs), "it is there, and later than it is told"
    by_chance = replace(script, differs=tuple(replace(each, chance=True) for each in known))
    assert not unexpected(by_chance, theirs, theirs)


def test_a_check_may_be_late_by_the_slack_of_its_act() -> None:
    script = replace(SCRIPT, acts=(replace(ACT, slack_s=1.0),))
    ours = trace(Stream.WIRE, mark("150", 0.2, 4), mark("90", 1.0, 5))
    theirs = trace(Stream.WIRE, mark("90", 0.2, 9))
    assert not unexpected(script, ours, theirs)
    assert unexpected(SCRIPT, ours, theirs)


def test_a_trace_is_runs_changes_lines_and_bursts() -> None:
    part = Part(ACT, 10 * SECOND_NS, 10 * SECOND_NS, 11 * SECOND_NS)

    def at(seconds: float) -> int:
        return int((10 + seconds) * SECOND_NS)

    heard = Heard(
        ["lb01"],
        [
            Advert(at(s), "lb01", 3, 51, p)
            for s, p in ((-0.1, 150), (0.1, 150), (0.3, 150), (0.4, 0))
        ],
        [Announcement(at(s), "lb01", VIP) for s in (0.5, 0.501, 0.7, 0.702, 0.9)],
        [Line(at(0.6), "lb01", 'INSTANCE "VI_1" STOP 150')],
        [Holding("lb01", VIP, at(-5), at(0.4)), Holding("lb01", VIP, at(0.41), at(0.7))],
        [part],
    )
    shown = {key[1]: "; ".join(map(str, marks)) for key, marks in trace_of(heard).items()}
    assert shown == {
        Stream.WIRE: "VRID 51 v3 priority 150 x2 +0.10..0.30; VRID 51 v3 priority 0 +0.40",
        Stream.VIP: f"has {VIP}; loses {VIP} +0.70",
        Stream.NOTIFY: "INSTANCE VI_1 STOP 150 +0.60",
        Stream.ANNOUNCE: f"2 of {VIP} x2 +0.50..0.70; 1 of {VIP} +0.90",
    }


def test_the_scripts_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len({script.id for script in SCRIPTS}) == len(SCRIPTS) >= 25


def test_every_reason_is_needed() -> None:
    assert {known.why for script in SCRIPTS for known in script.differs} == set(Reason)

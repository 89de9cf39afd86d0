"""Stretches of answers and of two owners."""

from halod.lab.ownership import Holding
from halod.lab.picture.runs import Run, answer_runs, conflicts, real_outages
from halod.lab.report import Outage, Probe

VIP = "192.0.2.3"
MS = 1_000_000


def probes(answers: str, start_ms: int = 0) -> list[Probe]:
    """One question each 5 ms; a letter is the host that answered, a dot nobody."""
    return [
        Probe(VIP, (start_ms + place * 5) * MS, None if sign == "." else sign, MS)
        for place, sign in enumerate(answers)
    ]


def test_a_run_lasts_to_the_first_question_that_fared_otherwise() -> None:
    assert answer_runs(probes("..aa.b")) == [
        Run(None, 0, 10 * MS, first=True),
        Run("a", 10 * MS, 20 * MS, first=True),
        Run(None, 20 * MS, 25 * MS),
        Run("b", 25 * MS, 25 * MS),
    ]


def test_nobody_is_said_to_have_answered_while_nobody_asked() -> None:
    found = answer_runs([*probes("aa"), *probes("aa", start_ms=5000)])
    assert found == [Run("a", 0, 5 * MS, first=True), Run("a", 5000 * MS, 5005 * MS)]


def test_silence_before_the_first_answer_is_no_outage() -> None:
    assert real_outages(probes("...a.a")) == [Outage(20 * MS, 25 * MS)]
    assert real_outages(probes("....")) == []


def test_conflicts_are_joined_where_the_owners_change_but_stay_two() -> None:
    held = [
        Holding("a", VIP, 0, 10),
        Holding("b", VIP, 5, 20),
        Holding("c", VIP, 10, 15),
        Holding("a", VIP, 30, 40),
        Holding("b", "192.0.2.4", 30, 40),
    ]
    assert conflicts(held, VIP) == [(5, 15)]


def test_one_owner_after_another_is_no_conflict() -> None:
    assert conflicts([Holding("a", VIP, 0, 10), Holding("b", VIP, 10, 20)], VIP) == []

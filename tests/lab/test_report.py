"""Outages and owners from a prober's questions."""

import pytest

from halod.lab.ownership import Holding
from halod.lab.report import Outage, Probe, Report, outages

VIP = "192.0.2.3"
MS = 1_000_000


def probes(answers: str) -> list[Probe]:
    """One question each 5 ms; a letter is the host that answered, a dot nobody."""
    return [
        Probe(VIP, place * 5 * MS, None if sign == "." else sign, MS)
        for place, sign in enumerate(answers)
    ]


def report(answers: str, holdings: tuple[Holding, ...] = ()) -> Report:
    return Report(VIP, 0, len(answers) * 5 * MS, tuple(probes(answers)), holdings)


def test_an_outage_lasts_from_the_first_lost_question_to_the_next_answered_one() -> None:
    assert outages(probes("aa..bb.b")) == [Outage(10 * MS, 20 * MS), Outage(30 * MS, 35 * MS)]


def test_an_outage_that_does_not_end_lasts_to_the_last_question() -> None:
    assert outages(probes("a....")) == [Outage(5 * MS, 20 * MS)]


def test_figures_of_a_report() -> None:
    found = report("aa..bb.b")
    assert (found.sent, found.lost) == (8, 3)
    assert found.outage_s == pytest.approx(0.010)
    assert found.lost_s == pytest.approx(0.015)
    assert found.answered_by == ["a", "b"]


def test_a_report_without_a_loss() -> None:
    found = report("aaaa")
    assert (found.outage_s, found.lost, found.answered_by) == (0.0, 0, ["a"])


def test_owners_come_back_each_time_that_they_change() -> None:
    assert report("aab.ba").answered_by == ["a", "b", "a"]


def test_seconds_of_two_owners_and_of_none() -> None:
    holdings = (Holding("a", VIP, 0, 20 * MS), Holding("b", VIP, 15 * MS, 30 * MS))
    found = report("aaaabbb.", holdings)
    assert found.two_owners_s == pytest.approx(0.005)
    assert found.two_owners_longest_s == pytest.approx(0.005)
    assert found.no_owner_s == pytest.approx(0.010)

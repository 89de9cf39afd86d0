"""The page that tells with whom halod plays is one that a run has made, and is whole."""

from datetime import date

from tests.capabilities import ROOT
from tests.matrix.case import ABLE, UNABLE
from tests.matrix.page import outcomes, page

PAGE = ROOT / "docs/reference/interop.md"
DAY = date(2026, 11, 27)


def test_every_pair_stands_on_the_page_and_plays() -> None:
    text = PAGE.read_text()
    assert text.count("plays |") == len(ABLE)
    assert "not played |" not in text
    assert "fails" not in text


def test_a_pair_that_fails_or_was_left_out_shows() -> None:
    passed = {case.id: True for case in ABLE}
    assert page(passed, DAY, "x").count("plays |") == len(ABLE)
    first, second = ABLE[:2]
    text = page({**passed, first.id: False} | {second.id: False}, DAY, "x")
    assert text.count("**fails** |") == 2
    del passed[first.id]
    assert page(passed, DAY, "x").count("not played |") == 1


def test_each_that_cannot_be_has_a_reason() -> None:
    assert {len(why) > 10 for why in UNABLE.values()} == {True}


def test_a_run_is_read() -> None:
    junit = (
        '<testsuites><testsuite><testcase name="test_a_pair[a-b]"/><testcase name="test_a_pair[c]">'
        '<failure message="x"/></testcase><testcase name="test_a_pair[d]"><skipped/></testcase>'
        "</testsuite></testsuites>"
    )
    assert outcomes(junit) == {"a-b": True, "c": False, "d": False}

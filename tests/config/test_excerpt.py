"""The marks stand under the place, whatever signs are in the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.config.excerpt import EXCERPT_MAX, Excerpt
from halod.model.diagnostic import Span
from halod.model.printable import columns, printable

SIGNS = "ab {}\t\r主é\u0301\u3000\x1b\udc80"


@st.composite
def places(draw: st.DrawFn) -> tuple[str, Span]:
    line = draw(st.text(SIGNS, min_size=1, max_size=300))
    column = draw(st.integers(1, len(line)))
    length = draw(st.integers(1, len(line) - column + 1))
    return line, Span("k.conf", 1, column, length)


@given(places())
def test_marks_stand_under_the_place(place: tuple[str, Span]) -> None:
    line, span = place
    excerpt = Excerpt(line, (), span)
    indent, marks = excerpt.underline(span, "^")
    start = span.column - 1
    if start < len(line.rstrip()) and span.length <= EXCERPT_MAX // 2:
        marked = printable(line.rstrip()[start : start + span.length])
        ends = [i for i in range(len(excerpt.text)) if columns(excerpt.text[:i]) == len(indent)]
        assert any(excerpt.text[i:].startswith(marked) for i in ends)
        assert len(marks) == max(1, columns(marked))
    assert set(marks) == {"^"}
    assert len(excerpt.text) <= EXCERPT_MAX + 2


@pytest.mark.parametrize(
    ("line", "column", "length", "indent", "marks"),
    [
        ("priority 150;", 10, 4, 9, 4),
        ("\tpriority 150;", 2, 8, 1, 8),
        ("router_id 主机 x", 14, 1, 15, 1),
        ("主机", 1, 2, 0, 4),
        ("e\u0301 x", 4, 1, 2, 1),
        ("\x1b[31m", 1, 5, 0, 5),
        ("", 1, 1, 0, 1),
        ("ab", 3, 1, 2, 1),
    ],
)
def test_marks_stand_in_their_column(
    line: str, column: int, length: int, indent: int, marks: int
) -> None:
    span = Span("k.conf", 1, column, length)
    assert Excerpt(line, (), span).underline(span, "^") == (" " * indent, "^" * marks)


def test_a_place_far_right_is_shown_with_what_is_around_it() -> None:
    line = "x" * 500 + "HERE" + "y" * 500
    span = Span("k.conf", 1, 501, 4)
    excerpt = Excerpt(line, (), span)
    indent, marks = excerpt.underline(span, "^")
    assert excerpt.text.startswith("…x")
    assert excerpt.text.endswith("y…")
    assert excerpt.text[len(indent) : len(indent) + len(marks)] == "HERE"


def test_a_covered_secret_keeps_the_place_of_what_follows() -> None:
    line = "  auth_pass hunter2 extra"
    span = Span("k.conf", 1, 21, 5)
    excerpt = Excerpt(line, [Span("k.conf", 1, 13, 7)], span)
    assert excerpt.text == "  auth_pass ******* extra"
    assert excerpt.underline(span, "^") == (" " * 20, "^^^^^")

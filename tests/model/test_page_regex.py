"""Regular expressions of PCRE2 as Python's."""

import contextlib
import re
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.model.page_regex import compile_regex, unsupported_options

NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("regex", "options", "text", "found"),
    [
        ("[[:digit:]]+x", "", b"ab12x", b"12x"),
        ("[^[:alpha:]_]+", "", b"ab_12_", b"12"),
        ("[]a]+", "", b"x]a]x", b"]a]"),
        ("[a[b]+", "", b"x[abx", b"[ab"),
        (r"a\h*b", "", b"a \tb", b"a \tb"),
        (r"[\h]+", "", b"a \tb", b" \t"),
        (r"end\z", "", b"end\n", None),
        (r"end\Z", "", b"end\n", b"end"),
        ("end$", "", b"end\n", b"end"),
        ("end$", "dollar_endonly", b"end\n", None),
        (r"5\$", "dollar_endonly", b"5$ ", b"5$"),
        ("[$]", "dollar_endonly", b"5$ ", b"$"),
        ("end$", "dollar_endonly multiline", b"end\nx", b"end"),
        ("A.C", "caseless dotall", b"a\nc", b"a\nc"),
        ("a b # c", "extended", b"ab", b"ab"),
        ("a++b", "", b"aab", b"aab"),
        ("ä", "", "ä".encode(), "ä".encode()),
    ],
)
def test_the_same_matches(regex: str, options: str, text: bytes, found: bytes | None) -> None:
    match = cast("re.Pattern[bytes]", compile_regex(regex, frozenset(options.split()))).search(text)
    assert (None if match is None else match[0]) == found


def test_text_is_read_as_text_where_that_is_asked_for() -> None:
    match = cast("re.Pattern[str]", compile_regex("^.$", frozenset({"utf"}))).search("ä")
    assert match is not None


def test_options_that_there_is_nothing_like() -> None:
    asked = frozenset({"caseless", "ungreedy", "no_auto_possess", "unknown"})
    assert unsupported_options(asked) == {"ungreedy", "unknown"}


@given(st.text(alphabet="ab[]^:\\hzZ$.*+?(){}|alph", max_size=40), st.booleans())
def test_any_text_is_an_expression_or_an_error(regex: str, endonly: bool) -> None:
    options = frozenset({"dollar_endonly"}) if endonly else NONE
    with contextlib.suppress(re.error):
        compile_regex(regex, options)

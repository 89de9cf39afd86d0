"""Whatever is defined, repeated and included: it ends, in places of the operator's own files."""

import re
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halod.config.compile import Compiled, compile_text
from halod.config.findings import Findings
from halod.config.language.expansion import Expansion
from halod.config.language.limits import STEPS_MAX
from halod.config.lexer import Line, source_lines
from halod.config.render_full import render_full
from halod.model.diagnostic import FindingSeverity
from tests.config.files_in_memory import surroundings

PIECES = st.sampled_from(
    [
        *(
            "$A=1",
            "$A=${B}",
            "$B=$A x",
            "$B=",
            "$C= \\\n",
            "$C=a \\\nb $A \\\n\n",
            "${A}",
            "$A",
            "$C",
        ),
        *("~SEQ(A,1,3) ", "~SEQ(B,", "~SEQx(A,0x1,2,0xf) ", "~LST(A,p,q) ", "~LST({A,B},{1", "~"),
        *("~SEQ(A,1,99999999) ", "~SEQ(B,1,99999999) $C", "${_RANDOM 1 9}", "${_ENV HOME}", "$"),
        *("@lb01 ", "@^lb01 ", "@halod ", "@", "include a.conf\n", "includea {a,b}.conf\n"),
        *("include *.conf", "include_check +match -x\n", "random_seed 7\n", "${_PWD}", "${_HASH}"),
        *("\n", "\n", "\n", " ", "{", "}", '"', "#", "\\", "\\#", "priority 300", "auth_pass XZJ"),
        *("vrrp_instance V${A} {\n", "virtual_ipaddress {\n", "192.0.2.${A}/24\n", "\u3000", "\0"),
    ]
)
texts = st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=40).map("".join)
files = st.fixed_dictionaries({}, optional={"a.conf": texts, "b.conf": texts, "k.conf": texts})


def compiled(text: str, included: Mapping[str, str]) -> Compiled:
    return compile_text("k.conf", text, surroundings(included, environment={"HOME": "/root"}))


@settings(max_examples=200, deadline=None)
@given(text=texts, included=files)
def test_it_never_raises_and_every_place_is_in_a_file(text: str, included: dict[str, str]) -> None:
    found = compiled(text, included)
    render_full(found).encode()
    assert found.refused == any(d.severity is FindingSeverity.REFUSE for d in found.diagnostics)
    spans = list(found.secrets)
    for each in found.diagnostics:
        spans += [each.primary.span, *(label.span for label in each.secondary)]
    origins = [origin for each in spans for origin in each.origins]
    for span in [*spans, *origins]:
        lines = source_lines(found.sources[span.file])
        line = lines[span.line - 1]
        assert span.column >= 1
        assert span.length >= 1
        assert span.column - 1 + span.length <= max(1, len(line))


@pytest.mark.parametrize(
    "text",
    [
        "$A=$A\n$A",
        "$A=${A}${A}\n${A}",
        "$A=x${B}\n$B=y${A}\n${A}",
        "$A= \\\nx \\\n$A\n$A",
        "$A= \\\n$B \\\n$B\n$B= \\\n$A \\\n$A\n$A",
        "~SEQ(I,1,999999999999) x",
        "~SEQ(I,1,99999) ~SEQ(J,1,99999) x",
        "$E=\n~SEQ(I,1,999999999) $E",
        "$S=~SEQ(I,1,9) $S\n$S",
        "include k.conf",
        "~SEQ(I,1,9999999) include a.conf",
        "include {" + ",".join("a" * 2000) + "}",
        "include " + "{" * 100_000,
        "include " + "{a,b}" * 20,
    ],
    ids=lambda text: text[:40].encode("unicode_escape").decode(),
)
def test_what_never_ends_is_refused(text: str) -> None:
    found = compiled(f"{text}\n", {"k.conf": "include k.conf\n", "a.conf": "x\n"})
    assert found.refused
    assert "E013" in [d.code for d in found.diagnostics]
    assert len(found.diagnostics) < 1000


def read(text: str) -> list[Line]:
    expansion = Expansion(surroundings(), Findings())
    lines = list(expansion.lines("k.conf", text))
    assert not expansion.given_up
    return lines


def test_the_limit_leaves_room_for_the_greatest_example_of_keepalived() -> None:
    """65,024 instances of 14 lines, and a round of a sequence for each."""
    assert STEPS_MAX > 65_024 * (14 + 1) + 8 * 32


PLAIN = re.compile(r"[$~@\\]|include|random_seed")
WORDS = ("state", "MASTER", "{", "}", '"a b"', "# note", "150", "vrrp_instance", "A", "\n", "\n")


@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join))
def test_a_file_without_the_language_is_read_as_it_stands(text: str) -> None:
    """Each word where it stands, and nothing made: the language costs such a file nothing."""
    assert not PLAIN.search(text)
    content = source_lines(text)
    for line in read(text):
        for word in line.words:
            span = word.span
            assert span.origins == ()
            written = content[span.line - 1][span.column - 1 : span.column - 1 + span.length]
            assert written.strip('"') == word.text


@given(
    value=st.text("abXZJ019./:-", min_size=1, max_size=12),
    rest=st.text("abc/.", max_size=4),
)
def test_a_definition_says_the_same_as_its_value(value: str, rest: str) -> None:
    written = [word.text for line in read(f"x {value}{rest} y\n") for word in line.words]
    for text in (
        f"$A={value}\nx ${{A}}{rest} y\n",
        f"$B=${{A}}{rest}\n$A={value}\nx $B y\n",
        f"$M= \\\nx ${{A}}{rest} y\n\n$A={value}\n$M\n",
        f"~LST(A, {value}) x ${{A}}{rest} y\n",
    ):
        assert [word.text for line in read(text) for word in line.words] == written


def test_no_password_of_a_definition_is_shown() -> None:
    instance = (
        "vrrp_instance V {{\ninterface eth0\nvirtual_router_id 1\npriority 300\n"
        "authentication {{\nauth_type PASS\n{}\n}}\n}}\n"
    )
    for text in (
        "$P=XZJXZJXZJXZJ\n" + instance.format("auth_pass ${P}"),
        "$P=XZJ\n" + instance.format("auth_pass ${P}XZJXZJXZJ"),
        "$P=auth_pass XZJXZJXZJ\n" + instance.format("$P"),
        "$P= \\\nauth_pas XZJXZJXZJ\n\n" + instance.format("$P"),
        "$P= \\\n auth_pass XZJ${\n\n" + instance.format("$P"),
        instance.format("~LST(P, XZJXZJXZJ) auth_pass $P"),
        instance.format("include a.conf"),
        instance.format("auth_pass ${XZJ"),
        instance.format("auth_pass XZJ$XZJ"),
    ):
        page = render_full(compiled(text, {"a.conf": "auth_pass XZJXZJXZJ\nauth_pas XZJ\n"}))
        assert "300" in page
        assert not [letter for letter in "XZJ" if letter in page], page

"""What is said about each code is true: its example yields it, and the remedy does not."""

from pathlib import Path

import pytest
from tools.write_reference import pages

from halod.cli.reference import field_docs
from halod.config.codes import FAMILIES, Code, Meaning
from halod.config.compile import compile_text
from halod.config.keywords.global_defs import GLOBAL_DEFS
from halod.config.keywords.kinds import Keyword, Nested, Section
from halod.config.keywords.top_level import TOP_LEVEL
from halod.config.keywords.vrrp_instance import AUTHENTICATION, VRRP_INSTANCE
from halod.config.keywords.vrrp_script import VRRP_SCRIPT
from halod.config.meanings import MEANINGS

WITHOUT_EXAMPLE = {
    Code.TOO_MANY,
    Code.TOO_MANY_ADDRESSES,
    *(code for code in Code if code.value.startswith("H5")),
}
"""Their example would fill pages; test_renderers.py and the test below yield them; a
machine is no fragment of a file: tests/config/host yields those."""
BESIDE = {Code.PLANNED, Code.NOT_YET}
"""Rules look at keywords that halod does not act on yet, and that is told beside them."""


def codes_of(fragment: str, meaning: Meaning) -> list[str]:
    found = compile_text("k.conf", meaning.place.value.format(fragment)).diagnostics
    beside = {code.value for code in BESIDE if meaning is not MEANINGS[code]}
    return [each.code for each in found if each.code not in beside]


def test_every_code_has_a_meaning_in_the_order_of_the_codes() -> None:
    assert list(MEANINGS) == list(Code)
    assert list(Code) == sorted(Code, key=lambda code: code.value)
    assert {code.value[:2] for code in Code} == set(FAMILIES)


@pytest.mark.parametrize("code", Code, ids=lambda code: code.value)
def test_the_example_yields_the_code_and_nothing_else(code: Code) -> None:
    meaning = MEANINGS[code]
    if code in WITHOUT_EXAMPLE:
        assert meaning.example == ""
        return
    found = compile_text("k.conf", meaning.place.value.format(meaning.example)).diagnostics
    assert set(codes_of(meaning.example, meaning)) == {code.value}
    first = next(each for each in found if each.code == code.value)
    assert first.severity is meaning.severity or code is Code.UNKNOWN_KEYWORD


@pytest.mark.parametrize("code", Code, ids=lambda code: code.value)
def test_what_is_written_instead_is_clean(code: Code) -> None:
    meaning = MEANINGS[code]
    if meaning.instead:
        assert codes_of(meaning.instead, meaning) == []


@pytest.mark.parametrize("code", Code, ids=lambda code: code.value)
def test_the_sentences_are_sentences(code: Code) -> None:
    meaning = MEANINGS[code]
    assert not meaning.title.endswith(".")
    assert meaning.title[0].islower() or meaning.title[0] == "`"
    for text in (meaning.meaning, meaning.why, meaning.remedy):
        assert text.endswith(".")
        assert text[0].isupper() or text.startswith(("halod", "keepalived", "`"))


def test_256_addresses_are_too_many() -> None:
    """RFC 9568, 5.2.5: Count IPvX Addr is one byte."""
    meaning = MEANINGS[Code.TOO_MANY_ADDRESSES]
    lines = [f"192.0.{n // 200}.{n % 200 + 1}/24" for n in range(256)]
    assert codes_of("\n".join(lines), meaning) == ["E205"]
    assert codes_of("\n".join(lines[:255]), meaning) == []


@pytest.mark.parametrize(("path", "text"), pages().items(), ids=[path.stem for path in pages()])
def test_the_page_is_that_of_the_source(path: Path, text: str) -> None:
    assert path.read_text() == text, "run python tools/write_reference.py"


def keywords() -> list[tuple[str, Section, Keyword]]:
    sections = (TOP_LEVEL, GLOBAL_DEFS, VRRP_INSTANCE, AUTHENTICATION, VRRP_SCRIPT)
    return [(name, s, keyword) for s in sections for name, keyword in s.keywords.items()]


@pytest.mark.parametrize(
    ("name", "section", "keyword"),
    keywords(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_keyword_names_a_field_of_the_model(
    name: str, section: Section, keyword: Keyword
) -> None:
    if not isinstance(keyword.kind, Nested):
        assert field_docs()[keyword.sets]
    assert keyword.own != (name in section.known), "own, or keepalived's: one of both"

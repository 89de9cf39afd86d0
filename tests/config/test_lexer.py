"""Words of a line as keepalived 2.2.7 splits them: each row was tried with it.

What it makes of `auth_pass` goes onto the wire: a word read otherwise splits a pair.
"""

import gc
import time

import pytest

from halod.config.findings import Findings
from halod.config.language.expansion import Expansion
from halod.config.language.surroundings import Surroundings
from halod.config.lexer import Kind, Line


def lines_of(text: str) -> tuple[list[Line], Findings]:
    findings = Findings()
    return list(Expansion(Surroundings(), findings).lines("k.conf", text)), findings


def words_of(text: str) -> list[str]:
    lines, _ = lines_of(text)
    return [word.text for line in lines for word in line.words]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("auth_pass 1111", ["auth_pass", "1111"]),
        ("auth_pass\t1111\r", ["auth_pass", "1111"]),
        ("\fauth_pass\v1111", ["auth_pass", "1111"]),
        ('auth_pass "ab cd"', ["auth_pass", "ab cd"]),
        ('auth_pass "ab#cd"', ["auth_pass", "ab#cd"]),
        ('auth_pass "ab{c"', ["auth_pass", "ab{c"]),
        ('auth_pass ""', ["auth_pass", ""]),
        ("auth_pass 'ab cd'", ["auth_pass", "'ab", "cd'"]),
        ("auth_pass it's", ["auth_pass", "it's"]),
        ("auth_pass a\\ bc", ["auth_pass", "a\\", "bc"]),
        ("auth_pass a\\tb", ["auth_pass", "a\\tb"]),
        ('auth_pass "a\\x41b"', ["auth_pass", "a\\x41b"]),
        ('auth_pass ab"c d"e', ["auth_pass", "ab", "c d", "e"]),
        ('auth_pass "ab""cd"', ["auth_pass", "ab", "cd"]),
        ("auth_pass ab#cd", ["auth_pass", "ab"]),
        ("auth_pass ab!cd", ["auth_pass", "ab"]),
        ("auth_pass ab{cd", ["auth_pass", "ab", "{", "cd"]),
        ("auth_pass ab}cd", ["auth_pass", "ab", "}", "cd"]),
        ("vrrp_instance VI_1{", ["vrrp_instance", "VI_1", "{"]),
        ("priority\u00a0150", ["priority\u00a0150"]),
        ("priority\u3000150", ["priority\u3000150"]),
        ("priority \\", ["priority", "\\"]),
        ("  # a comment", []),
        ("! a comment", []),
        ("auth_pass ab\\#cd", ["auth_pass", "ab#cd"]),
        ("auth_pass ab\\!cd", ["auth_pass", "ab!cd"]),
        ("auth_pass ab\\\\#cd", ["auth_pass", "ab\\\\"]),
        ('auth_pass "ab\\#cd"', ["auth_pass", "ab\\#cd"]),
        ("notify ${X}/x", ["notify", "${X}/x"]),
        ("notify ${X}${_X}.sh", ["notify", "${X}${_X}.sh"]),
        ("notify ${X", ["notify", "$", "{", "X"]),
    ],
)
def test_a_line_is_split_as_keepalived_splits_it(line: str, words: list[str]) -> None:
    assert words_of(line) == words


@pytest.mark.parametrize(
    ("line", "words", "own"),
    [
        ("@halod vip_lease off", ["vip_lease", "off"], True),
        ("  @halod\tvip_lease off", ["vip_lease", "off"], True),
        ("@^halod priority 120", [], False),
        ("@high priority 120", [], False),
        ("@^high priority 120", ["priority", "120"], False),
        ("@ priority 120", [], False),
        ("@", [], False),
        ("@halod", [], True),
    ],
)
def test_a_condition_decides_on_its_line(line: str, words: list[str], own: bool) -> None:
    lines, _ = lines_of(line)
    assert [word.text for each in lines for word in each.words] == words
    assert [each.own for each in lines] == ([own] if words else [])


def test_every_word_knows_its_place() -> None:
    lines, _ = lines_of('a\n\n\tbb "c d"{ # e')
    assert [line.words[0].span.line for line in lines] == [1, 3]
    places = [(w.text, w.span.column, w.span.length, w.kind) for w in lines[1].words]
    assert places == [
        ("bb", 2, 2, Kind.WORD),
        ("c d", 5, 5, Kind.WORD),
        ("{", 10, 1, Kind.OPEN),
    ]
    comment = lines[1].comment
    assert comment is not None
    assert (comment.column, comment.length) == (12, 3)


def test_the_byte_order_mark_takes_no_column() -> None:
    lines, _ = lines_of("\ufeffglobal_defs")
    assert lines[0].words[0].text == "global_defs"
    assert lines[0].words[0].span.column == 1


def test_an_open_quote_ends_with_its_line() -> None:
    lines, findings = lines_of('auth_pass "abc \nstate MASTER')
    assert [word.text for line in lines for word in line.words] == [
        "auth_pass",
        "abc",
        "state",
        "MASTER",
    ]
    (found,) = findings.in_order()
    assert found.code == "E003"
    assert (found.primary.span.line, found.primary.span.column) == (1, 11)


@pytest.mark.parametrize("sign", ["${", "${a", '"" ', "{", "@"])
def test_a_long_line_takes_time_in_proportion(sign: str) -> None:
    """Quadratic, four times the line would take sixteen times as long: a reload would hang."""

    def seconds(length: int) -> float:
        text = sign * (length // len(sign))
        began = time.process_time()
        lines, _ = lines_of(text)
        spent = time.process_time() - began
        assert all(word.span.line == 1 for line in lines for word in line.words)
        return spent

    short, long = float("inf"), float("inf")
    # Its time goes with everything that the tests before have left.
    gc.disable()
    try:
        for _ in range(12):
            # A busy machine only adds: the least of several runs comes near to what the code takes.
            short, long = min(short, seconds(30_000)), min(long, seconds(120_000))
            if long < 8 * short:
                return
    finally:
        gc.enable()
    raise AssertionError(f"{long:.3f} s for four times what takes {short:.3f} s")

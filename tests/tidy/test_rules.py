"""The rules can fail: each finds what it is there for, and leaves its neighbour alone."""

from pathlib import Path

import pytest

from tests.capabilities import parse_required
from tests.tidy import rules


def _function(lines: int) -> str:
    return "def f():\n" + "    pass\n" * (lines - 1)


def test_function_length_is_exact() -> None:
    assert not list(rules.long_functions(_function(rules.FUNCTION_LINES - 1)))
    assert list(rules.long_functions(_function(rules.FUNCTION_LINES))) == ["line 1: f has 60 lines"]
    assert list(rules.long_functions("async " + _function(90))) == ["line 1: f has 90 lines"]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("import time", "line 1: imports time"),
        ("import os.path", "line 1: imports os.path"),
        ("from random import choice", "line 1: imports random"),
        ("def f():\n    import socket", "line 2: imports socket"),
        ("x = datetime.now()", "line 1: calls now()"),
        ("loop.clock.sleep(1)", "line 1: calls sleep()"),
        ("sleep(1)", "line 1: calls sleep()"),
    ],
)
def test_impurity_is_found(text: str, finding: str) -> None:
    assert list(rules.impurities(text)) == [finding]


@pytest.mark.parametrize(
    "text", ["import ipaddress", "from . import time", "def f(now):\n    return now", "timeout(3)"]
)
def test_purity_is_left_alone(text: str) -> None:
    assert not list(rules.impurities(text))


def test_empty_names_are_found() -> None:
    assert list(rules.empty_names(Path("wire/utils.py"), ""))
    assert list(rules.empty_names(Path("helpers/frame.py"), ""))
    assert list(rules.empty_names(Path("wire/frame.py"), "class LinkManager: ..."))
    assert not list(rules.empty_names(Path("wire/frame.py"), "class Frame: ..."))


def test_opening_and_postponed_work_are_found() -> None:
    assert rules.lacks_opening("x = 1")
    assert rules.lacks_opening("")
    assert not rules.lacks_opening('"""Knows frames."""')
    mark = "TO" + "DO"
    assert list(rules.postponed_work(f"x = 1\n# {mark}: y")) == [f"line 2: {mark}"]
    assert not list(rules.postponed_work("# to do is not a mark"))


def test_an_unknown_capability_is_an_error() -> None:
    assert parse_required("nginx, nft,") == ["nginx", "nft"]
    with pytest.raises(ValueError, match="unknown capability ngnix"):
        parse_required("nft,ngnix")

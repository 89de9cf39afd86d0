"""`haloctl fmt`: a fixed point that says what the file said."""

from pathlib import Path

import pytest
from hypothesis import given

from halod.config.compile import Compiled, compile_text
from halod.config.printer import Unformatted, format_compiled
from halod.kernel.config_file import read_config
from halod.lab.tutorial_files import tutorial_text
from tests.capabilities import SHARED
from tests.config.files_in_memory import surroundings
from tests.config.golden import goldens, read_golden
from tests.config.test_any_text import any_text

REAL_WORLD = sorted((SHARED / "corpus" / "realworld").glob("*"))
CLEAN = tutorial_text("lb01/keepalived.conf")


def formatted(text: str) -> str:
    after = format_compiled(compile_text("k.conf", text))
    assert isinstance(after, Compiled)
    return after.text


def without_blanks(text: str) -> str:
    return "".join(text.split())


def assert_lossless(before: Compiled) -> None:
    """No sign but blanks came or went, the model is the same, and nothing is left to do."""
    after = format_compiled(before)
    if isinstance(after, Unformatted):
        return
    assert without_blanks(after.text) == without_blanks(before.text)
    assert after.configuration == before.configuration
    again = format_compiled(after)
    assert isinstance(again, Compiled)
    assert again.text == after.text


@given(any_text)
def test_it_is_a_fixed_point_and_says_the_same(text: str) -> None:
    assert_lossless(compile_text("k.conf", text))


@pytest.mark.needs_shared
@pytest.mark.parametrize("path", REAL_WORLD, ids=lambda path: path.name)
def test_a_file_of_the_real_world(path: Path) -> None:
    text = read_config(str(path))
    assert isinstance(text, str)
    assert_lossless(compile_text(path.name, text))


def test_most_mistakes_keep_no_file_from_its_layout() -> None:
    outcomes = [format_compiled(read_golden(path).compiled()) for path in goldens()]
    assert Unformatted.WOULD_CHANGE not in outcomes
    assert sum(isinstance(outcome, Compiled) for outcome in outcomes) > len(outcomes) * 2 // 3
    for path in goldens():
        assert_lossless(read_golden(path).compiled())


def test_the_layout() -> None:
    text = """\


vrrp_instance   VI_1   {
  state BACKUP


    interface\teth0   # the uplink
  virtual_router_id   51        ! ours
\tauthentication
 {
       auth_type PASS
  auth_pass a}b
 }

# priority 200
     @halod    vip_lease off
  @other   priority   7
  virtual_ipaddress { 192.0.2.10/24 }

    }


"""
    expected = """\
vrrp_instance VI_1 {
    state BACKUP

    interface eth0     # the uplink
    virtual_router_id 51        ! ours
    authentication
    {
        auth_type PASS
        auth_pass a}b
    }

    # priority 200
    @halod vip_lease off
    @other priority 7
    virtual_ipaddress { 192.0.2.10/24 }
}
"""
    assert formatted(text) == expected


def test_comments_that_stand_in_a_column_still_do() -> None:
    text = "vrrp_instance A {\n  interface eth0    # one\n  virtual_router_id 1 # two\n}\n"
    lines = formatted(text).splitlines()
    assert lines[1] == "    interface eth0  # one"
    assert lines[2] == "    virtual_router_id 1 # two"
    assert formatted(formatted(text)) == formatted(text)


def test_a_comment_that_touches_a_word_still_does() -> None:
    """`auth_pass ab#cd`: a blank before the sign would not change it, but it was not there."""
    text = CLEAN.replace("auth_pass 1111", "auth_pass   ab#cd")
    assert "auth_pass ab#cd" in formatted(text)


def test_ends_of_lines_are_those_of_unix() -> None:
    assert formatted(CLEAN.replace("\n", "\r\n")) == formatted(CLEAN)


def test_a_definition_and_what_continues_it_stay() -> None:
    """Blanks in them are part of a value."""
    text = "$A=x   y\\\n   z   z\n" + CLEAN
    assert formatted(text).startswith("$A=x   y\\\n   z   z\n")


@pytest.mark.parametrize("broken", ["}\n" + CLEAN, CLEAN.rstrip()[:-1], CLEAN + '\nx "y\n'])
def test_blocks_that_are_not_in_order_are_left(broken: str) -> None:
    assert format_compiled(compile_text("k.conf", broken)) is Unformatted.BROKEN


@pytest.mark.parametrize("words", ["\\#x", "a \\!b c\\#d \\#", '\\#"a b"', "${A}\\#"])
def test_a_backslash_before_a_comment_sign_stays(words: str) -> None:
    """Found by `make fuzz`: lost, and the rest of the line became a comment."""
    text = f"$A=x\nvrrp_script S {{\n  script {words}\n}}\n{CLEAN}"
    assert f"    script {words}\n" in formatted(text)


ONE_FILE_FOR_ALL = """\
@lb01 vrrp_instance A {
@lb02 vrrp_instance B {
interface eth0
@lb01 priority    150
@lb02 priority    100
@^lb01 nopreempt
virtual_router_id 7
authentication {
@lb01 auth_pass   a}b
}
}
"""


def test_the_layout_is_the_same_for_every_node() -> None:
    """One file for all nodes, as keepalived's conditions are made for."""
    laid_out = """\
@lb01 vrrp_instance A {
@lb02 vrrp_instance B {
    interface eth0
    @lb01 priority 150
    @lb02 priority 100
    @^lb01 nopreempt
    virtual_router_id 7
    authentication {
        @lb01 auth_pass a}b
    }
}
"""
    for config_id in ("lb01", "lb02"):
        compiled = compile_text("k.conf", ONE_FILE_FOR_ALL, surroundings(config_id=config_id))
        found = format_compiled(compiled)
        assert not isinstance(found, Unformatted)
        assert found.text == laid_out


def test_a_whole_block_of_one_node() -> None:
    text = "@lb01 vrrp_script S {\n@lb01 script x\n@lb01 }\nglobal_defs {\nrouter_id a\n}\n" + CLEAN
    assert formatted(text).startswith(
        "@lb01 vrrp_script S {\n    @lb01 script x\n@lb01 }\nglobal_defs {\n    router_id a\n}\n"
    )


def test_a_definition_of_one_node_stays_as_it_is() -> None:
    text = "@lb01 $A=x   y\n@^lb01   $A=z  z\n" + CLEAN
    assert formatted(text).startswith("@lb01 $A=x   y\n@^lb01   $A=z  z\n")

"""What --fix does to a text: what was meant, and nothing else."""

import pytest
from hypothesis import given

from halod.config.compile import compile_text
from halod.config.difference import difference
from halod.config.fixing import apply_fixes, fix_text
from halod.lab.tutorial_files import tutorial_text
from halod.model.diagnostic import Applicability, Fix, Span
from tests.config.test_any_text import any_text

CLEAN = tutorial_text("lb01/keepalived.conf")


def fixed(text: str, *, unsafe: bool = False) -> str:
    return fix_text(compile_text("k.conf", text), unsafe=unsafe).compiled.text


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("priority 150", "priority 150;"),
        ("priority 150", "priority = 150"),
        ("priority 150", "priority=150"),
        ("priority 150", "priority; 150"),
        ("priority 150", "priority\u3000150"),
        ("auth_type PASS", "auth_type PASS;"),
        ("state MASTER", "state MASTER,"),
    ],
)
def test_a_slip_of_the_finger_is_mended_to_the_letter(line: str, mistake: str) -> None:
    broken = CLEAN.replace(line, mistake)
    assert broken != CLEAN
    assert fixed(broken) == CLEAN


def test_a_guess_wants_to_be_asked_for() -> None:
    broken = CLEAN.replace("state MASTER", "state master").replace("advert_int", "advert_intt")
    assert fixed(broken) == broken
    assert fixed(broken, unsafe=True) == CLEAN


def test_what_comes_to_light_by_a_fix_is_mended_too() -> None:
    assert fixed(CLEAN.replace("priority 150", "priority = 150;")) == CLEAN


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_marks_and_ends_of_lines_stay(start: str, end: str) -> None:
    text = start + CLEAN.replace("\n", end)
    assert fixed(text.replace("150", "150;")) == text


def test_two_fixes_on_one_line_do_not_move_each_other() -> None:
    fixes = [
        Fix(Span("k", 1, 1, 1), "long", Applicability.SAFE, ""),
        Fix(Span("k", 1, 5, 2), "", Applicability.SAFE, ""),
    ]
    assert apply_fixes("a b cc d\n", fixes) == "long b d\n"


def test_a_file_that_halod_takes_stays_one() -> None:
    """The second block is misspelt and incomplete: read as meant, it would be refused."""
    text = CLEAN + "\nvrrp_instanc VI_2 {\n    interface eth0\n}\n"
    outcome = fix_text(compile_text("k.conf", text), unsafe=True)
    assert outcome.withheld
    assert outcome.compiled.text == text
    assert not outcome.compiled.refused


@pytest.mark.parametrize(
    "line", ["vip_lease off }", "vip_lease off # {", "    preempt_delay 1 { vip_lease off"]
)
def test_the_prefix_hides_nothing_else_from_keepalived(line: str) -> None:
    """A condition stands first on its line, and takes the whole of it."""
    text = CLEAN.rstrip().removesuffix("}") + f"{line}\n}}\n"
    assert fixed(text) == text
    alone = CLEAN.rstrip().removesuffix("}") + "  vip_lease off\n}\n"
    assert fixed(alone) == alone.replace("vip_lease", "@halod vip_lease")


def test_the_difference_shows_no_secret() -> None:
    text = CLEAN.replace("auth_type PASS", "auth_type PASS;").replace("1111", "s3cret")
    before = compile_text("k.conf", text)
    shown = difference(before, fix_text(before).compiled)
    assert "-        auth_type PASS;\n+        auth_type PASS\n" in shown
    assert "         auth_pass ******\n" in shown
    assert "s3cret" not in shown


def test_there_is_no_difference_between_equals() -> None:
    compiled = compile_text("k.conf", CLEAN)
    assert difference(compiled, compiled) == ""


@given(any_text)
def test_fixing_never_raises_and_is_done_at_once(text: str) -> None:
    before = compile_text("k.conf", text)
    for unsafe in (False, True):
        outcome = fix_text(before, unsafe=unsafe)
        difference(before, outcome.compiled).encode()
        assert outcome.compiled.refused <= before.refused
        again = fix_text(outcome.compiled, unsafe=unsafe)
        assert again.compiled.text == outcome.compiled.text


@given(any_text)
def test_what_was_mended_is_not_said_again(text: str) -> None:
    before = compile_text("k.conf", text)
    outcome = fix_text(before)
    if outcome.applied:
        assert outcome.compiled.diagnostics != before.diagnostics

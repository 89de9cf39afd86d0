"""`haloctl explain`: the reference, as an operator asks for it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from halod.cli.explain import explain
from halod.cli.reference import field_docs, said_of
from halod.config.codes import Code
from halod.config.keywords.known import KNOWN
from halod.config.keywords.purpose import PURPOSE
from halod.config.keywords.vrrp_instance import VRRP_INSTANCE
from halod.config.meanings import MEANINGS

HALOCTL = Path(sys.executable).parent / "haloctl"


def ask(*words: str) -> Result:
    return CliRunner().invoke(explain, words)


def told(*words: str) -> str:
    """What is said, without the breaks of its lines."""
    result = ask(*words)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


@pytest.mark.parametrize("code", Code, ids=lambda code: code.value)
def test_a_code_is_told_in_the_words_of_the_reference(code: Code) -> None:
    page = told(code.value)
    meaning = MEANINGS[code]
    for text in (meaning.title, meaning.meaning, meaning.why, meaning.remedy):
        assert " ".join(text.split()) in page
    assert meaning.severity.value in page


def test_letter_case_and_what_was_copied_with_it_do_not_matter() -> None:
    assert ask("[e103]:").output == ask("E103").output
    assert ask("@halod vip_lease").output == ask("vip_lease").output


def test_a_keyword_is_told_with_its_range_and_the_text_of_its_field() -> None:
    page = told("priority")
    assert page.startswith("priority (in `vrrp_instance`) Takes a whole number from 1 to 255.")
    assert said_of(VRRP_INSTANCE.keywords["priority"], field_docs()) in page


@pytest.mark.parametrize("section", KNOWN, ids=lambda section: section.replace("/", "-"))
def test_every_keyword_of_keepalived_is_told_what_it_is_for(section: str) -> None:
    """In words of the model where it works, else in those of `PURPOSE`; and never by its name."""
    for name in KNOWN[section]:
        page = told(name)
        assert page.startswith(name)
        words = re.sub(r"`[^`]*`|\([^)]*\)", "", page)
        assert len(words.split()) > 8, page
        purpose = PURPOSE[section][name]
        assert purpose in page or "Takes " in page or "does not act" not in page


def test_what_a_keyword_is_for_is_said_of_each_and_of_no_other() -> None:
    assert {section: set(said) for section, said in PURPOSE.items()} == {
        section: set(names) for section, names in KNOWN.items()
    }
    for said in PURPOSE.values():
        for name, sentence in said.items():
            assert sentence.endswith("."), name
            assert sentence[0].isupper() or sentence[0] in "`1", name


def test_a_block_is_told_with_what_it_may_hold() -> None:
    assert "What works in it: `ca`, `certificate`, `key`, `password`." in told("SSL")
    assert "`status_code`" in told("url")
    assert "It may hold `checker`" in told("bfd_instance")


def test_a_keyword_of_many_sections_is_told_once() -> None:
    page = told("weight")
    assert page.count("does not act on it yet") == 1
    for place in ("`vrrp_script`", "`track_file`", "`real_server`"):
        assert place in page


@pytest.mark.parametrize(
    ("subject", "hint"),
    [
        ("advert_intervall", "did you mean `advert_int`?"),
        ("E1O3", "did you mean `E103`?"),
        ("qqqq", "`haloctl explain` lists the codes"),
    ],
)
def test_what_is_unknown_gets_a_suggestion(subject: str, hint: str) -> None:
    result = ask(subject)
    assert result.exit_code == 1
    assert result.output == (f"Error: there is no code and no keyword `{subject}`\nHint: {hint}\n")


def test_without_a_subject_every_code_is_listed() -> None:
    lines = ask().output.splitlines()
    for code in Code:
        assert f"    {code.value}  {MEANINGS[code].title}" in lines


def test_it_is_plain_in_a_pipe() -> None:
    result = subprocess.run([HALOCTL, "explain", "E103"], capture_output=True, timeout=90)
    assert result.returncode == 0
    assert result.stdout.startswith(b"E103: a number out of range\n")
    assert b"\x1b" not in result.stdout
    assert result.stderr == b""

"""No finding shows a password: in no renderer, in no excerpt, whatever slip stands around it.

The passwords are made of letters that occur in no message, so that a piece of one is found too.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halod.config.compile import Compiled, compile_text
from halod.config.render_concise import render_concise
from halod.config.render_full import TERMINAL_COLOUR, render_full
from halod.config.render_json import render_json
from halod.config.summary import summary

LETTERS = "XZJ"
SIGNS = "{}#!=\"';,\\$@%/:.-_~é主\u00a0\udcff\x1b"

EXAMPLES = 40
"""For each of many slips: a hundred would take half a minute and find nothing more."""

passwords = st.builds(
    lambda head, middle, tail: head + middle + tail,
    st.text(LETTERS, min_size=1, max_size=3),
    st.text(LETTERS + SIGNS, max_size=8),
    st.text(LETTERS, max_size=3),
)
starting_anyhow = st.builds(lambda sign, rest: sign + rest, st.sampled_from(SIGNS), passwords)
plain_passwords = st.text(LETTERS + "=;,\\/:.-_~", min_size=1, max_size=12)

BLOCK = """
vrrp_instance VI_1 {{
    interface eth0
    virtual_router_id 51
    {before}
    authentication {{
        auth_type PASS
        {inside}
    }}
    {after}
    virtual_ipaddress {{
        192.0.2.1/24
    }}
}}
"""

WITH_BLANK = [
    "auth_pass {p}",
    "auth_pass   {p}  extra",
    "auth_pass {p} {p}",
    'auth_pass "{p}"',
    'auth_pass "{p}',
    "auth_pass '{p}'",
    "auth_pass = {p}",
    "auth_pass: {p}",
    "auth_pass {p} # it was {p}",
    "auth_pass {p}#{p}",
    "auth_pas {p}",
    "Auth_Pass {p}",
    "authpass {p}",
    "password {p}",
    "auth_passwd {p};",
    "auth_key {p}",
    "auth_type {p}",
    "auth_type PASS {p}",
    "auth_type PASS auth_pass {p}",
    "auth_pass {p} auth_type PASS",
    "auth_pass {p}\nauth_pass {p}",
    "priority 300 auth_pass {p}",
    "authentication {p} {{ }}",
    "authentication PASS {p}",
]
GLUED = ["auth_pass={p}", "auth_pass{p}", "auth_pass:{p}", "auth_pas{p}", "AUTH_PASS={p}"]
ALONE = ["{p}", "{p} {p}", "auth_pass\n{p}", "{p} = {p}"]


def shown(compiled: Compiled) -> str:
    return "\n".join(
        [
            render_full(compiled),
            render_full(compiled, TERMINAL_COLOUR),
            render_concise(compiled),
            json.dumps(render_json(compiled), ensure_ascii=False),
            summary(compiled),
        ]
    )


def leaks(text: str) -> list[str]:
    output = shown(compile_text("k.conf", text))
    return [letter for letter in LETTERS if letter in output]


def test_no_message_has_the_letters() -> None:
    """Else the tests below would fail for nothing."""
    assert leaks(BLOCK.format(before="priority 300", inside="auth_pas", after="}")) == []


def test_a_leak_would_be_seen() -> None:
    assert leaks("vrrp_instance VI_1 {\n priority XZJ\n}") == list(LETTERS)


@pytest.mark.parametrize("slip", WITH_BLANK)
@settings(max_examples=EXAMPLES)
@given(password=st.one_of(passwords, starting_anyhow))
def test_behind_its_keyword(slip: str, password: str) -> None:
    line = slip.format(p=password)
    assert leaks(BLOCK.format(before="", inside=line, after="")) == []


@pytest.mark.parametrize("slip", GLUED)
@given(password=passwords)
def test_glued_to_its_keyword(slip: str, password: str) -> None:
    line = slip.format(p=password)
    assert leaks(BLOCK.format(before="", inside=line, after="")) == []
    assert leaks(BLOCK.format(before=line, inside="", after="")) == []


@pytest.mark.parametrize("slip", ALONE)
@given(password=plain_passwords)
def test_on_a_line_of_its_own(slip: str, password: str) -> None:
    line = slip.format(p=password)
    assert leaks(BLOCK.format(before="", inside=line, after="")) == []


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("slip", WITH_BLANK)
@settings(max_examples=EXAMPLES)
@given(password=passwords)
def test_outside_its_block(slip: str, where: str, password: str) -> None:
    places = {"before": "", "inside": "", "after": ""}
    places[where] = slip.format(p=password)
    assert leaks(BLOCK.format(**places)) == []
    assert leaks(places[where]) == []
    assert leaks(f"global_defs {{\n{places[where]}\n}}") == []


@given(password=passwords, slip=st.sampled_from(WITH_BLANK + GLUED), cut=st.integers(0, 200))
def test_in_a_file_that_is_cut_off(password: str, slip: str, cut: int) -> None:
    text = BLOCK.format(before="", inside=slip.format(p=password), after="priority 300")
    assert leaks(text[:cut]) == []
    assert leaks(text[text.find("\n", cut) + 1 :]) == []


@given(password=passwords, slip=st.sampled_from(WITH_BLANK), braces=st.text("{} \n", max_size=6))
def test_among_braces_that_do_not_match(password: str, slip: str, braces: str) -> None:
    line = slip.format(p=password)
    assert leaks(BLOCK.format(before=braces, inside=line, after=braces)) == []


def test_a_one_line_block_is_no_slip() -> None:
    text = BLOCK.replace("authentication {{\n        auth_type PASS\n", "authentication {{")
    text = text.format(before="", inside="auth_type PASS\nauth_pass 1111", after="")
    compiled = compile_text("k.conf", text)
    assert compiled.diagnostics == ()
    assert compiled.configuration is not None
    (instance,) = compiled.configuration.instances
    assert instance.password is not None
    assert instance.password.secret == b"1111"

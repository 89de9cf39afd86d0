"""Whatever text it is given, the compiler answers with findings in their places, never a trace."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halod.config.compile import Compiled, compile_text
from halod.config.keywords.known import KNOWN
from halod.config.lexer import source_lines
from halod.config.render_concise import render_concise
from halod.config.render_full import TERMINAL_COLOUR, render_full
from halod.config.render_json import render_json
from halod.config.summary import summary
from halod.model.diagnostic import FindingSeverity, Span

NAMES = sorted({name for names in KNOWN.values() for name in names})
PIECES = [
    *("{", "}", "{{", "}}", "\n", "\n", " ", "\t", "\r\n", "#", "!", '"', "'", "\\", "=", ";"),
    *(
        "@halod ",
        "@^halod ",
        "@x ",
        "$A=1",
        "${A}",
        "~SEQ(",
        "\0",
        "\ufeff",
        "\u3000",
        "主",
        "\udcff",
    ),
    *(
        "150",
        "0",
        "-1",
        "1.5",
        "300",
        "99999999999999999999",
        "MASTER",
        "PASS",
        "off",
        "lo",
        "eth0",
    ),
    *("192.0.2.1/24", "192.0.2.1", "2001:db8::1", "192.0.2.1/", "/", "label", "dev", "brd", "+"),
    *("vrrp_instance VI_1 {\n", "authentication {\n", "virtual_ipaddress {\n", "global_defs {\n"),
]
lines = st.lists(
    st.one_of(st.sampled_from(PIECES), st.sampled_from(NAMES), st.text(max_size=4)), max_size=60
)
like_a_file = lines.map(" ".join) | lines.map("".join)
any_bytes = st.binary(max_size=300).map(lambda data: data.decode(errors="surrogateescape"))
any_text = st.one_of(st.text(max_size=300), any_bytes, like_a_file)


def render_all(compiled: Compiled) -> list[str]:
    pages = [
        render_full(compiled),
        render_full(compiled, TERMINAL_COLOUR),
        render_concise(compiled),
        summary(compiled),
    ]
    assert json.loads(json.dumps(render_json(compiled))) == render_json(compiled)
    return pages


def spans_of(compiled: Compiled) -> list[Span]:
    spans = list(compiled.secrets)
    for found in compiled.diagnostics:
        spans += [found.primary.span, *(label.span for label in found.secondary)]
        spans += [found.fix.span] if found.fix else []
    return spans


@given(any_text)
def test_never_raises_and_prints_to_any_terminal(text: str) -> None:
    for page in render_all(compile_text("k.conf", text)):
        page.encode()  # a lone surrogate would raise here, and in print()
        assert not [sign for sign in page.replace("\x1b", "") if sign < " " and sign != "\n"]


@given(any_text)
def test_every_place_is_inside_the_file(text: str) -> None:
    compiled = compile_text("k.conf", text)
    content = source_lines(text)
    for span in spans_of(compiled):
        assert span.file == "k.conf"
        assert 1 <= span.line <= len(content)
        line = content[span.line - 1]
        assert span.column >= 1
        assert span.length >= 1
        assert span.column - 1 + span.length <= max(1, len(line))


@given(any_text)
def test_findings_come_in_the_order_of_the_file_each_once(text: str) -> None:
    found = compile_text("k.conf", text).diagnostics
    places = [(d.primary.span, d.code) for d in found]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


@given(any_text)
def test_the_outcome_follows_from_the_findings(text: str) -> None:
    compiled = compile_text("k.conf", text)
    severities = {d.severity for d in compiled.diagnostics}
    assert compiled.refused == (FindingSeverity.REFUSE in severities)
    assert compiled.refused == (compiled.configuration is None)
    assert compiled.clean == (severities <= {FindingSeverity.NOTE})
    if compiled.configuration is not None:
        assert compiled.configuration.instances
        for instance in compiled.configuration.instances:
            assert 1 <= instance.virtual_router_id <= 255
            assert 1 <= instance.priority <= 255
            assert instance.interface.isprintable()
            assert instance.name.isprintable()


@given(any_text)
def test_messages_stand_alone(text: str) -> None:
    for found in compile_text("k.conf", text).diagnostics:
        assert found.message
        assert not found.message.endswith(".")
        assert len(found.message) < 300


@given(lines)
def test_a_word_is_found_in_its_column(pieces: list[str]) -> None:
    """The place of an unknown keyword is where an editor finds it."""
    text = "".join(pieces)
    content = source_lines(text)
    for found in compile_text("k.conf", text).diagnostics:
        span = found.primary.span
        marked = content[span.line - 1][span.column - 1 : span.column - 1 + span.length]
        if found.code == "E004" and "unknown keyword `" in found.message:
            shown = found.message.split("`")[1]
            assert marked.strip('"').startswith(shown.rstrip("…"))


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "text",
    [
        "x" * 2_000_000,
        "{" * 100_000,
        "}" * 100_000,
        "a { " * 50_000,
        "${" * 100_000,
        "vrrp_instance A {\nauthentication {\nauth_pass " + "x " * 100_000,
        "vrrp_instance A {\nvirtual_ipaddress {\n" + "1.2.3.4/24 " * 50_000,
        "vrrp_instance " + "A" * 2_000_000 + " {\ninterface e\nvirtual_router_id 1\n}\n",
        "vrrp_instance A {\npriority " + "9" * 2_000_000 + "\n}",
        "vrrp_instance A {\nvirtual_ipaddress {\n1.2.3.4/" + "9" * 2_000_000 + "\n}\n}",
        "vrrp_instance A {\npriority=" + "9" * 2_000_000 + "\n}",
        "vrrp_instance A {\nvirtual_ipaddress {\n1.2.3.4/24," + "," * 2_000_000 + "\n}\n}",
        "a\n" * 100_000,
        '"' * 100_001,
    ],
    ids=lambda text: f"{text[:20]!r} {len(text)}",
)
def test_a_huge_file_is_answered_in_a_few_lines(text: str) -> None:
    for page in render_all(compile_text("k.conf", text)):
        assert len(page) < 2_000_000
        assert max((len(line) for line in page.splitlines()), default=0) < 400

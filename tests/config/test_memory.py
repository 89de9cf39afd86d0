"""A reading that remembers, or takes blocks as a whole, tells what a reading line by line tells."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halod.config import body
from halod.config.compile import Compiled, compile_text
from halod.config.memory import Memory
from halod.config.tree import Statement, Unread
from tests.config.files_in_memory import surroundings

FILE = "keepalived.conf"
REAL = """    real_server 10.0.{n}.{m} 80 {{
        weight {m}
        {check} {{
            connect_timeout 3
        }}
    }}
"""
PLAIN = "    protocol TCP\n    lb_kind NAT\n    lb_algo rr\n"
HEADS = ("10.1.0.1 80", "10.1.0.2 80", "10.1.0.1 443", "fd00::1 80", "fwmark 3", "group web", "")
LINES = (
    *("virtual_server 10.1.0.9 80 {", "    real_server 10.0.9.9 80 {", "    }", "}", "{", ""),
    *("    weight 0", "    weight many", "    protocol TCP", "    lb_kind TUN", "    lb_kind DR"),
    *("    # a comment {", "    quorum 9", "    notify_up /bin/up | tee", '    virtualhost "a b"'),
    *('    virtualhost "open', "    smtp_alert", "    connect_port 81", "    connect_ip 10.9.9.9"),
    *(
        "    auth_pass secret}x",
        "    digest aaaa",
        "$W=5",
        "    weight $W",
        "    weight ${_RANDOM}",
    ),
    *("@halod lvs_engine nft", "@other weight 3", "    @lb01 weight 3", "include more.conf"),
    *(
        "~SEQ(A, 1, 3) virtual_server 10.3.0.$A 80 {",
        "global_defs {",
        "    smtp_alert_checker true",
    ),
    *(
        "virtual_server_group web {",
        "    10.2.0.1-3 80",
        "    fwmark 7",
        "priority 100",
        "    SSL {",
    ),
    *(
        "    real_server 10.0.9.9 80 { {{ x }}",
        "    bad\\",
        "vrrp_instance V {",
        "    @halod rise 3",
    ),
)
MORE = "virtual_server 10.4.0.1 80 {\n    protocol TCP\n    real_server 10.0.4.4 80 {\n    }\n}\n"
HERE = surroundings({"more.conf": MORE})


def blocks(count: int, same: bool = False) -> str:
    made = ""
    for number in range(count):
        servers = "".join(
            REAL.format(n=0 if same else number, m=m, check=("TCP_CHECK", "PING_CHECK")[m % 2])
            for m in range(1, 4)
        )
        made += f"virtual_server 10.0.0.{number} 80 {{\n{PLAIN}{servers}}}\n"
    return made


heads = st.sampled_from(HEADS).map(lambda head: f"virtual_server {head} {{".replace("  ", " "))
edits = st.tuples(
    st.sampled_from(("put", "replace", "remove", "double", "move")),
    st.integers(0, 200),
    st.integers(0, 200),
    st.one_of(st.sampled_from(LINES), heads),
)


def edited(lines: list[str], edit: tuple[str, int, int, str]) -> list[str]:
    what, at, to, line = edit
    if not lines:
        return [line]
    at, to = at % len(lines), to % len(lines)
    match what:
        case "put":
            return [*lines[:at], line, *lines[at:]]
        case "replace":
            return [*lines[:at], line, *lines[at + 1 :]]
        case "remove":
            return [*lines[:at], *lines[at + 1 :]]
        case "double":
            first, last = min(at, to), max(at, to)
            return [*lines[: last + 1], *lines[first:]]
        case _:
            first, last = min(at, to), max(at, to)
            return [*lines[:first], *lines[last:], *lines[first:last]]


def told(compiled: Compiled) -> object:
    return (
        compiled.diagnostics,
        compiled.secrets,
        compiled.configuration,
        [_plain(each) for each in compiled.tree],
    )


def _plain(statement: Statement) -> object:
    braces = statement.opened, statement.closed
    words = statement.keyword, statement.arguments, statement.own, statement.comment
    return words, braces, [_plain(each) for each in statement.children]


def read_line_by_line(text: str) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(body, "_says_the_same_everywhere", lambda text: False)
        return told(compile_text(FILE, text, HERE))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(edits, min_size=1, max_size=4), min_size=1, max_size=4), st.booleans())
def test_what_is_remembered_changes_nothing(
    rounds: Sequence[Sequence[tuple[str, int, int, str]]], same: bool
) -> None:
    memory = Memory()
    lines = blocks(4, same).split("\n")
    compile_text(FILE, "\n".join(lines), HERE, memory)
    for round_ in rounds:
        for edit in round_:
            lines = edited(lines, edit)
        text = "\n".join(lines)
        expected = read_line_by_line(text)
        assert told(compile_text(FILE, text, HERE)) == expected
        assert told(compile_text(FILE, text, HERE, memory)) == expected
        assert told(compile_text(FILE, text, HERE, memory)) == expected


def objects(compiled: Compiled) -> list[int]:
    assert compiled.configuration is not None
    return [id(each) for each in compiled.configuration.virtual_servers]


def test_what_did_not_change_is_the_same_object() -> None:
    memory = Memory()
    first = compile_text(FILE, blocks(4), HERE, memory)
    text = "# one line more\n" + blocks(4).replace("weight 1", "weight 9", 1)
    second = compile_text(FILE, text, HERE, memory)
    same = [a == b for a, b in zip(objects(first), objects(second), strict=True)]
    assert same == [False, True, True, True]
    assert second.configuration is not None
    assert second.configuration.places["10.0.0.1 80 tcp"] == f"{FILE}:25"


def test_what_holds_for_all_of_them_makes_them_anew() -> None:
    memory = Memory()
    before = objects(first := compile_text(FILE, blocks(2), HERE, memory))
    text = "global_defs {\n    checker_log_all_failures true\n}\n" + blocks(2)
    second = compile_text(FILE, text, HERE, memory)
    assert not set(before) & set(objects(second))
    assert first.configuration is not None
    assert second.configuration is not None
    assert first.configuration.virtual_servers != second.configuration.virtual_servers


def test_a_reading_that_is_refused_costs_nothing_of_the_memory() -> None:
    memory = Memory()
    first = compile_text(FILE, blocks(2), HERE, memory)
    assert compile_text(FILE, "\0", HERE, memory).refused
    assert objects(first) == objects(compile_text(FILE, blocks(2), HERE, memory))


def test_a_block_that_was_read_elsewhere_is_read_when_somebody_looks() -> None:
    memory = Memory()
    compile_text(FILE, blocks(1), HERE, memory)
    [block] = compile_text(FILE, "\n\n" + blocks(1), HERE, memory).tree
    assert isinstance(block.children, Unread)
    assert [child.keyword.span.line for child in block.children] == [4, 5, 6, 7, 13, 19]


BEFORE = (
    *("vrrp_instance V {", "virtual_server 10.9.0.1 80", "virtual_server 10.9.0.1 80 {", "{", "}"),
    *("global_defs", "@lb01 virtual_server 10.9.0.1 80 {", "$A=b \\", "include more.conf", "}}"),
    *("vrrp_instance V { }", "static_routes {", "priority 100", "virtual_server_group web"),
)


@pytest.mark.parametrize("line", BEFORE)
def test_a_block_in_its_old_lines_is_not_what_it_was_behind_something_open(line: str) -> None:
    memory = Memory()
    # The first reading takes them apart, the second does not.
    kept_in(memory)
    before, kept = kept_in(memory)
    assert before == kept
    text = f"{line}\n{blocks(2)}"
    assert told(compile_text(FILE, text, HERE, memory)) == read_line_by_line(text)


def kept_in(memory: Memory) -> tuple[int, int]:
    """The same block of two readings, as an object."""
    first, second = (compile_text(FILE, "#\n" + blocks(2), HERE, memory).tree for _ in range(2))
    return id(first[0]), id(second[0])

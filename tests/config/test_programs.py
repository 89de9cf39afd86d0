"""Keywords that name a program, and those that are on or off."""

import pytest

from halod.config.findings import Findings
from halod.config.keywords.kinds import Keyword, Program, Section, Toggle
from halod.config.language.comments import uncommented
from halod.config.language.traced import literal
from halod.config.lexer import Line, read_words
from halod.config.parser import Shape, parse
from halod.config.reading import Values, read_section
from halod.model.command import Command

SECTION = Section(
    name="vrrp_instance",
    known=frozenset(),
    keywords={
        "notify": Keyword(kind=Program(), sets="X.notify"),
        "script": Keyword(kind=Program(takes_user=False), sets="X.script"),
        "smtp_alert": Keyword(kind=Toggle(), sets="X.mail", default="off counts"),
    },
)
SHAPE = Shape(frozenset(), {}, frozenset(SECTION.keywords), {})


def read(line: str) -> tuple[Values, list[str]]:
    findings = Findings()
    plain, comment = uncommented(literal("k.conf", 1, line))
    tree = parse([Line(read_words(plain, findings), comment=comment)], SHAPE, findings)
    values = read_section(tree, SECTION, findings)
    return values, [f"{found.code} {found.message}" for found in findings.in_order()]


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ('notify "/x.sh a b"', Command(("/x.sh", "a", "b"))),
        ('notify "/x.sh a" www-data', Command(("/x.sh", "a"), "www-data")),
        ('notify "/x.sh" "www-data" adm', Command(("/x.sh",), "www-data", "adm")),
        ("notify /x.sh root", Command(("/x.sh",), "root")),
        ("notify '/x.sh  b c' root", Command(("/x.sh", "b", "c"), "root")),
        ("notify '/x.sh'", Command(("/x.sh",))),
        ("notify \"/x.sh 'a b'\" # why", Command(("/x.sh", "a b"))),
    ],
)
def test_a_command_has_a_user_and_a_group_behind_it(line: str, command: Command) -> None:
    values, told = read(line)
    assert told == []
    assert values.get("notify", Command) == command


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("notify", "E101 `notify` has no value"),
        ('notify ""', "E101 `notify` is empty"),
        ("notify \"''\"", "E101 `notify` is empty"),
        ('notify "/x.sh \'a"', "E003 a quote inside the command of `notify` is not closed"),
    ],
)
def test_a_command_that_makes_no_sense_is_told(line: str, told: str) -> None:
    values, found = read(line)
    assert found == [told]
    assert not values.has("notify")


def test_words_behind_a_command_are_told() -> None:
    what = "has no effect: `{}` takes a command line in quotes"
    _, told = read('notify "/x.sh" root root more')
    assert told == [f"E107 `more` {what.format('notify')}, then a user and a group"]
    _, told = read('script "/x.sh" root')
    assert told == [f"E107 `root` {what.format('script')}"]


def test_arguments_of_a_command_are_not_shown() -> None:
    assert "hunter2" not in repr(Command(("/x.sh", "--token", "hunter2")))


@pytest.mark.parametrize(
    ("line", "value"),
    [("smtp_alert", True), ("smtp_alert on", True), ("smtp_alert no", False)],
)
def test_a_toggle_alone_means_on(line: str, value: bool) -> None:
    values, told = read(line)
    assert told == []
    assert values.get("smtp_alert", bool) is value


def test_a_toggle_knows_its_words() -> None:
    values, told = read("smtp_alert maybe")
    assert told == ["E104 `smtp_alert` has no value `maybe`: off counts"]
    assert not values.has("smtp_alert")


def test_of_two_commands_the_first_counts() -> None:
    """Seen of keepalived 2.2.7: it says "already specified" of the second."""
    findings = Findings()
    lines = []
    for number, text in enumerate(('notify "/first"', 'notify "/second"'), 1):
        plain, _ = uncommented(literal("k.conf", number, text))
        lines.append(Line(read_words(plain, findings)))
    values = read_section(parse(lines, SHAPE, findings), SECTION, findings)
    assert values.get("notify", Command) == Command(("/first",))
    (told,) = findings.in_order()
    assert (told.code, told.primary.span.line) == ("W307", 2)

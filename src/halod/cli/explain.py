"""`haloctl explain`: the page of the reference about one code or one keyword.

Knows how a page is laid out for a terminal. Must not word anything that the reference lacks.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator

import click

from halod.cli.reference import field_docs, fragment_lines, said_of, wrapped
from halod.config.codes import FAMILIES, Code
from halod.config.keywords.describe import takes
from halod.config.keywords.kinds import Keyword, Nested, Unready
from halod.config.keywords.known import KNOWN
from halod.config.keywords.purpose import PURPOSE, SHARED, purpose
from halod.config.keywords.top_level import TABLES
from halod.config.meanings import MEANINGS
from halod.config.suggest import closest

__all__ = ["explain"]

WIDTH_MAX = 100
INDENT = "    "

_UNREADY = {
    Unready.PLANNED: "halod does not act on it yet: it has no effect, and that is told (W401).",
    Unready.NOT_YET: "halod cannot do it yet, and refuses a file that has it (W403): {why}.",
    Unready.WITHOUT_EFFECT: "Accepted, and there is nothing for it to do (W402): {why}.",
    Unready.READ_BEFORE: "It works while the file is read, before its blocks are looked at: {why}.",
}


@click.command()
@click.argument("subject", required=False, metavar="[CODE|KEYWORD]")
def explain(subject: str | None) -> None:
    """Say what a finding's CODE means, or what a KEYWORD does; without one, list all codes.

    The same text as docs/reference, in a pager on a terminal.
    """
    lines = _code_list() if subject is None else _page(subject)
    # A page that fits on the screen needs no key to leave it.
    os.environ.setdefault("LESS", "-FRX")
    click.echo_via_pager("".join(f"{line}\n" for line in lines))


def _page(subject: str) -> Iterator[str]:
    word = subject.removeprefix("@halod").strip().strip("`[]:;,")
    if word.upper() in {code.value for code in Code}:
        return _code(Code(word.upper()))
    homes = _homes(word)
    if homes:
        return _keyword(word, homes)
    guess = closest(word, [*(code.value for code in Code), *_keywords()])
    hint = f"did you mean `{guess}`?" if guess else "`haloctl explain` lists the codes"
    raise click.ClickException(f"there is no code and no keyword `{subject}`\nHint: {hint}")


def _width() -> int:
    return min(WIDTH_MAX, shutil.get_terminal_size((WIDTH_MAX, 24)).columns)


# ---- codes ---------------------------------------------------------------------------------


def _code_list() -> Iterator[str]:
    family = ""
    for code in Code:
        if code.value[:2] != family:
            if family:
                yield ""
            family = code.value[:2]
            yield FAMILIES[family]
        yield f"{INDENT}{code.value}  {MEANINGS[code].title}"


def _code(code: Code) -> Iterator[str]:
    meaning = MEANINGS[code]
    yield from wrapped(f"{code.value}: {meaning.title}", _width())
    yield ""
    yield from wrapped(f"`{meaning.severity.value}`. {meaning.meaning}", _width())
    yield ""
    yield from wrapped(f"Why it matters: {meaning.why}", _width())
    if meaning.example:
        yield from _fragment(meaning.example)
    yield ""
    yield from wrapped(f"What to do: {meaning.remedy}", _width())
    if meaning.instead:
        yield from _fragment(meaning.instead)


def _fragment(fragment: str) -> Iterator[str]:
    yield ""
    for line in fragment_lines(fragment):
        yield f"{INDENT}{line}".rstrip()


# ---- keywords ------------------------------------------------------------------------------


def _keywords() -> set[str]:
    known = {name for names in KNOWN.values() for name in names}
    tables = {name for s in TABLES.values() for name in (*s.keywords, *s.exceptions)}
    return known | tables


def _homes(word: str) -> list[str]:
    """Sections where it means something, those with a table first."""
    return [
        *(name for name, s in TABLES.items() if word in s.keywords or s.unready(word)),
        *(name for name in sorted(set(KNOWN) - set(TABLES) - set(SHARED)) if word in KNOWN[name]),
    ]


def _place(home: str) -> str:
    if home.startswith("(top"):
        return "at the top level"
    if home.startswith("(every"):
        return "in every checker"
    if home.startswith("(checker or shared)/"):
        return f"in `{home.rpartition('/')[2]}`"
    if home.startswith("("):
        return "in a `real_server`, or its checker"
    return f"in `{home.rpartition('/')[2]}`"


def _keyword(word: str, homes: list[str]) -> Iterator[str]:
    # What is said -> where: `retry` means the same in twelve places.
    working: dict[tuple[str, ...], list[str]] = {}
    for home in homes:
        if home in TABLES:
            keyword = TABLES[home].keywords.get(word)
            shown = f"@halod {word}" if keyword and keyword.own else word
            said = (shown, *_said(word, home, keyword))
            working.setdefault(said, []).append(_place(home))
    for (shown, *paragraphs), places in working.items():
        yield from _entry(f"{shown}  ({', '.join(dict.fromkeys(places))})", paragraphs)
    # What it is for -> where: `retry` means the same in three places.
    elsewhere: dict[tuple[str, ...], list[str]] = {}
    for home in homes:
        if home not in TABLES:
            said = (PURPOSE[home][word], *_inside(word, home))
            elsewhere.setdefault(said, []).append(_place(home))
    for said, places in elsewhere.items():
        yield from _entry(f"{word}  ({', '.join(places)})", said)
    if elsewhere:
        yield from _entry("", [_UNREADY[Unready.PLANNED]])


def _entry(head: str, paragraphs: Iterable[str]) -> Iterator[str]:
    yield from wrapped(head, _width())
    for paragraph in paragraphs:
        for line in wrapped(paragraph, _width() - len(INDENT)):
            yield f"{INDENT}{line}"


def _said(word: str, home: str, keyword: Keyword | None) -> Iterator[str]:
    if keyword is None:
        unready = TABLES[home].unready(word)
        assert unready is not None
        level, why = unready
        if purpose(home, word):
            yield purpose(home, word)
        yield from _inside(word, home)
        yield _UNREADY[level].format(why=why)
        return
    yield f"Takes {takes(keyword.kind)}."
    if isinstance(keyword.kind, Nested):
        yield purpose(home, word)
        names = ", ".join(f"`{name}`" for name in keyword.kind.section.keywords)
        yield f"What works in it: {names}."
    else:
        yield said_of(keyword, field_docs())
    if keyword.needed:
        yield "Nothing can stand in for it: a file without a usable value is refused."
    elif keyword.default:
        yield f"Where the value is not usable, {keyword.default}."


def _inside(word: str, home: str) -> Iterator[str]:
    """Which keywords a block has, where they do nothing yet."""
    names = KNOWN.get(word if home.startswith("(top") else f"{home}/{word}", ())
    if names:
        yield "It may hold " + ", ".join(f"`{name}`" for name in sorted(names)) + "."

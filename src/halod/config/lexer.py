"""Splits a line into words, each with its place.

Knows quotes and braces, as keepalived reads them. Must not know any keyword, nor what a line is
before: comments, conditions and names are gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from halod.config.body import Bodies, Body, nested_in
from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.language.comments import BLANKS, COMMENT, QUOTE, uncommented
from halod.config.language.traced import Traced, literal
from halod.model.diagnostic import Span
from halod.model.printable import shortened

if TYPE_CHECKING:
    from halod.config.tree import Statement

__all__ = ["BLANKS", "BYTE_ORDER_MARK", "COMMENT", "OWN_CONDITION", "Kind", "Line", "Word"]
__all__ += ["condition_of", "lex", "lex_body", "plain_words", "read_words"]
__all__ += ["source_lines", "without_mark"]

_PLAIN = re.compile(rf"[^{BLANKS}{QUOTE}{{}}]+")
_NAME = re.compile(rf"{{[^{BLANKS}{QUOTE}{{}}]*}}")
_NOT_PLAIN = re.compile(rf"[$~@#!\"\\]|^[{BLANKS}]*(?:include|random_seed)")
"""What the language does something with: names, sequences, conditions, comments, quotes, files."""
_SIMPLE = re.compile(rf"[^{BLANKS}{QUOTE}{{}}]+|[{{}}]")
BYTE_ORDER_MARK = "\ufeff"
OWN_CONDITION = "halod"
"""The `@id` that is always true here and skipped by keepalived."""
_CONDITION = re.compile(rf"@(\^?)([^{BLANKS}]*)[{BLANKS}]*")


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    OPEN = "{"
    CLOSE = "}"


class Word(NamedTuple):
    """One token of a line."""

    text: str
    """Without quotes."""
    span: Span
    kind: Kind = Kind.WORD
    quoted: bool = False
    glued: bool = False
    """Stands behind another word without a blank between them."""

    @property
    def shown(self) -> str:
        """For messages."""
        return shortened(self.text)


_BRACES = {kind.value: kind for kind in (Kind.OPEN, Kind.CLOSE)}
_make = tuple.__new__
"""Of a word and its place: there are half a million in a large file."""


@dataclass(frozen=True, slots=True)
class Line:
    """The tokens of one line; a line without any is left out."""

    words: tuple[Word, ...]
    own: bool = False
    """Stood behind `@halod`: keepalived does not see it."""
    comment: Span | None = None
    """From the comment sign to the end of the line."""
    body: Body | None = None
    """The lines that follow, up to that with the closing brace; they do not come by themselves."""
    block: Statement | None = None
    """Instead of words: a block that was read before, from its keyword to its closing brace."""


def source_lines(text: str) -> list[str]:
    """The lines that a span counts."""
    return without_mark(text).split("\n")


def without_mark(text: str) -> str:
    """The byte order mark of Windows is no part of the first line."""
    return text.removeprefix(BYTE_ORDER_MARK)


def condition_of(text: str) -> re.Match[str] | None:
    """`@id` and `@^id` before a line: group 1 has the `^`, group 2 the id."""
    return _CONDITION.match(text)


def lex(file: str, text: str, findings: Findings) -> list[Line]:
    """The lines as they stand in a file, for whoever lays them out, whatever their `@id`."""
    lines = []
    for number, content in enumerate(source_lines(text), start=1):
        plain, comment = uncommented(literal(file, number, content))
        condition = condition_of(plain.text)
        if condition is not None:
            plain = plain.cut(condition.end())
        words = read_words(plain, findings)
        if words:
            own = condition is not None and condition[2] == OWN_CONDITION
            lines.append(Line(words, own, comment))
    return lines


def lex_body(body: Body, file: str, first: int, bodies: Bodies) -> Iterator[Line]:
    """The lines of a body that begins with line `first` of its file."""
    contents = nested_in(body, bodies, first)
    for number, content in contents:
        words, comment = plain_words(file, number, content), None
        if words is None:
            plain, comment = uncommented(literal(file, number, content))
            # Nothing is found: a quote that is open makes no body.
            words = read_words(plain, Findings())
        if words:
            yield Line(words, comment=comment, body=contents.take_body())


def read_words(line: Traced, findings: Findings) -> tuple[Word, ...]:
    """The words of a line without comment. An open quote is told and ends with its line."""
    if QUOTE not in line.text and "${" not in line.text:
        return tuple(_simple(line))
    return tuple(_Scanner(line, findings).words())


def plain_words(file: str, line: int, content: str) -> tuple[Word, ...] | None:
    """The words of a line of a file of which the language makes nothing else; None: it may."""
    if _NOT_PLAIN.search(content):
        return None
    words = []
    end = -1
    for found in _SIMPLE.finditer(content):
        text = found[0]
        begin, behind = found.span()
        span = _make(Span, (file, line, begin + 1, behind - begin, ()))
        kind = _BRACES.get(text, Kind.WORD)
        words.append(_make(Word, (text, span, kind, False, begin == end)))
        end = behind
    return tuple(words)


def _simple(line: Traced) -> Iterator[Word]:
    """Most lines: neither a quote nor a name."""
    end = -1
    for found in _SIMPLE.finditer(line.text):
        text, begin = found[0], found.start()
        kind = _BRACES.get(text, Kind.WORD)
        span = line.span(begin, found.end())
        yield Word(text, span, kind, glued=begin == end)
        end = found.end()


class _Scanner:
    """Reads one line from left to right."""

    def __init__(self, line: Traced, findings: Findings) -> None:
        self._line = line
        self._content = line.text
        self._at = 0
        self._findings = findings

    def words(self) -> Iterator[Word]:
        content, size = self._content, len(self._content)
        while True:
            end = self._at
            while self._at < size and content[self._at] in BLANKS:
                self._at += 1
            if self._at >= size:
                return
            glued = self._at == end and end > 0
            sign = content[self._at]
            if sign in "{}":
                self._at += 1
                span = self._line.span(self._at - 1, self._at)
                yield Word(sign, span, Kind(sign), glued=glued)
            elif sign == QUOTE:
                yield self._quoted(glued)
            else:
                yield self._bare(glued)

    def _bare(self, glued: bool) -> Word:
        """Up to the next sign that ends a word; a `${NAME}` is part of one."""
        content, begin = self._content, self._at
        while plain := _PLAIN.match(content, self._at):
            self._at = plain.end()
            name = _NAME.match(content, self._at) if content[self._at - 1] == "$" else None
            if name is None:
                break
            self._at = name.end()
        text = content[begin : self._at]
        return Word(text, self._line.span(begin, self._at), glued=glued)

    def _quoted(self, glued: bool) -> Word:
        begin = self._at
        end = self._content.find(QUOTE, begin + 1)
        if end < 0:
            self._findings.add(
                Code.OPEN_QUOTE,
                'the quote `"` is not closed on its line',
                self._line.span(begin, begin + 1),
                helps=('close it with another `"`; nothing escapes one inside a value',),
            )
            self._at = len(self._content)
            text = self._content[begin + 1 :].rstrip(BLANKS)
        else:
            self._at = end + 1
            text = self._content[begin + 1 : end]
        span = self._line.span(begin, self._at)
        return Word(text, span, quoted=True, glued=glued)

"""Splits the text of a configuration into words, each with its place.

Knows comments, quotes, escapes, braces and `@` conditions. Must not know any keyword.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.model.diagnostic import Span

__all__ = ["Kind", "Line", "Word", "lex"]

COMMENT = "!#"
QUOTES = "\"'"
OWN_CONDITION = "halod"
"""The `@id` that is always true here and skipped by keepalived."""


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    OPEN = "{"
    CLOSE = "}"


@dataclass(frozen=True, slots=True)
class Word:
    """One token of a line."""

    text: str
    """Without quotes and escapes."""
    span: Span
    kind: Kind = Kind.WORD


@dataclass(frozen=True, slots=True)
class Line:
    """The tokens of one line; a line without any is left out."""

    words: tuple[Word, ...]
    own: bool = False
    """Stood behind `@halod`: keepalived does not see it."""
    cut_by_comment: bool = False
    """The comment began inside a word, as in `auth_pass ab!cd`."""


def lex(file: str, text: str, findings: Findings) -> list[Line]:
    """All lines that are in force. An open quote is told and ends with its line."""
    lines = []
    for number, content in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        start, own, skipped = _condition(content)
        if skipped:
            continue
        scanner = _Scanner(file, number, content, start, findings)
        words = scanner.words()
        if words:
            lines.append(Line(words, own, scanner.cut_by_comment))
    return lines


def _condition(content: str) -> tuple[int, bool, bool]:
    """Where the line begins behind an `@` condition, whether it is ours, whether it is skipped.

    `@id` holds only for a keepalived started with that id, `@^id` for all others.
    """
    stripped = content.lstrip()
    if not stripped.startswith("@"):
        return 0, False, False
    name = stripped[1:].split(maxsplit=1)[0] if stripped[1:].strip() else ""
    start = len(content) - len(stripped) + 1 + len(name)
    if name.startswith("^"):
        return start, False, name[1:] == OWN_CONDITION
    return start, name == OWN_CONDITION, name != OWN_CONDITION


class _Scanner:
    """Reads one line from left to right."""

    def __init__(
        self, file: str, number: int, content: str, start: int, findings: Findings
    ) -> None:
        self._file = file
        self._number = number
        self._content = content
        self._at = start
        self._findings = findings
        self.cut_by_comment = False

    def words(self) -> tuple[Word, ...]:
        found: list[Word] = []
        while True:
            self._skip_blanks()
            if self._at >= len(self._content) or self._content[self._at] in COMMENT:
                return tuple(found)
            sign = self._content[self._at]
            if sign in "{}":
                self._at += 1
                found.append(Word(sign, self._span(self._at - 1), Kind(sign)))
            else:
                found.append(self._word())

    def _skip_blanks(self) -> None:
        while self._at < len(self._content) and self._content[self._at].isspace():
            self._at += 1

    def _word(self) -> Word:
        begin = self._at
        parts: list[str] = []
        while self._at < len(self._content):
            sign = self._content[self._at]
            if sign in COMMENT:
                self.cut_by_comment = True
                break
            if sign.isspace() or sign in "{}":
                break
            parts.append(self._piece(sign))
        return Word("".join(parts), self._span(begin))

    def _piece(self, sign: str) -> str:
        """The next bit of a word: quoted, escaped, a `${NAME}`, or one character."""
        if sign in QUOTES:
            return self._quoted(sign)
        if sign == "\\" and self._at + 1 < len(self._content):
            self._at += 2
            return self._content[self._at - 1]
        if self._content.startswith("${", self._at):
            end = self._content.find("}", self._at)
            if end >= 0:
                piece = self._content[self._at : end + 1]
                self._at = end + 1
                return piece
        self._at += 1
        return sign

    def _quoted(self, quote: str) -> str:
        end = self._content.find(quote, self._at + 1)
        if end < 0:
            self._findings.add(
                Code.OPEN_QUOTE,
                f"the quote {quote} is not closed on its line",
                self._span(self._at, self._at + 1),
                helps=(f"close it with another {quote}, or write \\{quote} for the sign itself",),
            )
            piece = self._content[self._at + 1 :].rstrip()
            self._at = len(self._content)
            return piece
        piece = self._content[self._at + 1 : end]
        self._at = end + 1
        return piece

    def _span(self, begin: int, end: int | None = None) -> Span:
        length = (self._at if end is None else end) - begin
        return Span(self._file, self._number, begin + 1, max(1, length))

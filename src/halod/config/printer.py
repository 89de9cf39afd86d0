"""Lays a configuration out anew: blanks and blank lines, nothing else.

Knows lines, words and braces. Must not know keywords, nor put a sign where none was: words that
touch still touch, a comment keeps its column, and what a definition holds stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import Enum
from itertools import zip_longest

from halod.config.codes import Code
from halod.config.compile import SHAPE, Compiled, compile_text
from halod.config.conditions import counts_for, named_ids, split_condition
from halod.config.findings import Findings
from halod.config.lexer import BLANKS, BYTE_ORDER_MARK, COMMENT, Kind, Word, lex, source_lines
from halod.config.parser import parse
from halod.config.tree import Statement

__all__ = ["Unformatted", "format_compiled"]

INDENT = "    "
DEPTH_MAX = 20
"""No section nests deeper than five; a line must not grow without end."""
IDS_MAX = 8
"""Ids for which it is looked at that the text says the same: a cluster has two or three nodes."""
CONTINUATION = "\\"
DEFINITION = "$"

_BROKEN = {
    code.value
    for code in (
        Code.OPEN_BLOCK,
        Code.STRAY_CLOSE,
        Code.STRAY_OPEN,
        Code.OPEN_QUOTE,
        Code.NOT_TEXT,
        Code.TEMPLATE,
        Code.TOO_MANY,
    )
}
"""With one of these nobody knows where a block ends."""


class Unformatted(Enum):
    """Why a text was left as it is."""

    BROKEN = "its blocks are not in order: mend what `haloctl check` tells first"
    WOULD_CHANGE = "the layout would change what it says"


def format_compiled(compiled: Compiled) -> Compiled | Unformatted:
    """The text in its layout. It says the same: that is looked at, whatever the text."""
    if any(found.code in _BROKEN for found in compiled.diagnostics):
        return Unformatted.BROKEN
    text = _format(compiled.file, compiled.text)
    after = compile_text(compiled.file, text, compiled.surroundings)
    if _said(after) != _said(compiled):
        return Unformatted.WOULD_CHANGE
    for other in named_ids([text])[:IDS_MAX]:
        here = replace(compiled.surroundings, config_id=other)
        texts = (compiled.text, text)
        before, laid_out = (_said(compile_text(compiled.file, each, here)) for each in texts)
        if before != laid_out:
            return Unformatted.WOULD_CHANGE
    return after


def _said(compiled: Compiled) -> tuple[object, list[tuple[str, str]]]:
    return compiled.configuration, [(found.code, found.message) for found in compiled.diagnostics]


def _format(file: str, text: str) -> str:
    lines = lex(file, text, Findings())
    torn = _secret_lines(parse(lines, SHAPE, Findings()))
    words: dict[int, list[Word]] = {}
    comments: dict[int, int] = {}
    for line in lines:
        for word in line.words:
            words.setdefault(word.span.line, []).append(word)
        if line.comment is not None:
            comments[line.comment.line] = line.comment.column - 1
    layout = _Layout(named_ids([text]))
    for number, content in enumerate(source_lines(text), start=1):
        layout.add(content, words.get(number, []), comments.get(number), torn=number in torn)
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    return mark + "".join(f"{line}\n" for line in layout.finished())


def _secret_lines(tree: Iterable[Statement]) -> set[int]:
    """Lines on which a brace may be part of a password."""
    found: set[int] = set()
    waiting = list(tree)
    while waiting:
        statement = waiting.pop()
        if statement.may_hold_secret:
            found.add(statement.keyword.span.line)
        waiting.extend(statement.children)
    return found


class _Layout:
    """Takes lines from the top to the end."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._lines: list[str] = []
        self._depths = dict.fromkeys([*ids, ""], 0)
        """For each node: a block that begins for one alone is no block for the others. The layout
        is the same for all, whoever asks for it."""
        self._continues = False
        """The line before ended in a backslash: this one belongs to it."""

    def add(self, content: str, words: Sequence[Word], comment: int | None, *, torn: bool) -> None:
        condition = split_condition(content)
        whom = [each for each in self._depths if counts_for(condition, each)]
        closing = _leading_closers(words)
        depth = max(0, max(self._depths[each] for each in whom or self._depths) - closing)
        bare = content.strip(BLANKS)
        rest = bare if condition is None else condition[2]
        if self._continues or rest.startswith(DEFINITION):
            self._lines.append(content.rstrip(BLANKS))
        elif not bare:
            if self._lines and self._lines[-1] and not self._opens():
                self._lines.append("")
        else:
            if closing and self._lines and not self._lines[-1]:
                self._lines.pop()
            indent = INDENT * min(depth, DEPTH_MAX)
            self._lines.append(_line(indent, content, words, comment))
        self._continues = bare.endswith(CONTINUATION)
        steps = sum(_steps(words, torn=torn))
        for each in whom:
            self._depths[each] = max(0, self._depths[each] + steps)

    def finished(self) -> list[str]:
        while self._lines and not self._lines[-1]:
            self._lines.pop()
        return self._lines

    def _opens(self) -> bool:
        return self._lines[-1].endswith("{") and not self._lines[-1].lstrip().startswith(
            tuple(COMMENT)
        )


def _line(indent: str, content: str, words: Sequence[Word], comment: int | None) -> str:
    if not words:
        return f"{indent}{content.strip(BLANKS)}"
    start = words[0].span.column - 1
    condition = content[:start].strip(BLANKS)
    code = f"{indent}{condition} " if condition else indent
    end = start
    for word in words:
        begin = word.span.column - 1
        blank = " " if begin > end else ""
        end = begin + word.span.length
        code += blank + content[begin:end]
    if comment is None:
        return code
    if comment > end:
        column = len(content[:comment].expandtabs())
        code = code.ljust(max(column, len(code) + 1))
    return f"{code}{content[comment:].rstrip(BLANKS)}"


def _leading_closers(words: Sequence[Word]) -> int:
    count = 0
    for word in words:
        if word.kind is not Kind.CLOSE:
            break
        count += 1
    return count


def _steps(words: Sequence[Word], *, torn: bool) -> Iterator[int]:
    """By how much each brace changes the depth; inside a password it does not."""
    for word, following in zip_longest(words, words[1:]):
        if word.kind is Kind.WORD:
            continue
        end = word.span.column + word.span.length
        if torn and following is not None and following.span.column == end:
            continue
        yield 1 if word.kind is Kind.OPEN else -1

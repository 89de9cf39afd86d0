"""Words to a tree of statements; goes on after every mistake.

Knows braces and lines. Must not know what a keyword means: which names begin a section is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lexer import Kind, Line, Word
from halod.config.tree import Statement
from halod.model.diagnostic import Applicability, Fix, Label, Span

__all__ = ["parse"]


def parse(
    lines: list[Line], section_starts: AbstractSet[str], findings: Findings
) -> list[Statement]:
    """The statements of the top level.

    A name of `section_starts` inside a block means that a brace is missing before it: every open
    block is closed there, so that one slip does not cost the sections that follow.
    """
    return _Parser(section_starts, findings).parse(lines)


class _Parser:
    def __init__(self, section_starts: AbstractSet[str], findings: Findings) -> None:
        self._section_starts = section_starts
        self._findings = findings
        self._top: list[Statement] = []
        self._open: list[Statement] = []
        self._last: Statement | None = None
        """The statement that a brace would belong to."""
        self._missing = 0
        """Braces that were taken as closing: as many may come too late, and say nothing new."""

    def parse(self, lines: list[Line]) -> list[Statement]:
        for line in lines:
            self._line(line)
        self._close_all("before the end of the file", None)
        return self._top

    def _line(self, line: Line) -> None:
        pending: list[Word] = []
        for word in line.words:
            if word.kind is Kind.WORD:
                pending.append(word)
                continue
            self._flush(pending, line)
            pending = []
            if word.kind is Kind.OPEN:
                self._open_block(word)
            else:
                self._close_block(word)
        self._flush(pending, line)

    def _flush(self, words: list[Word], line: Line) -> None:
        if not words:
            return
        keyword, *arguments = words
        if self._open and keyword.text in self._section_starts:
            self._close_all(f"before {_named(keyword, arguments)}", keyword.span)
        statement = Statement(keyword, tuple(arguments), line.own, line.cut_by_comment)
        (self._open[-1].children if self._open else self._top).append(statement)
        self._last = statement

    def _open_block(self, brace: Word) -> None:
        owner = self._last
        self._last = None
        if owner is None:
            self._findings.add(Code.STRAY_OPEN, "a `{` without a keyword before it", brace.span)
            # A block of nobody, so that its closing brace finds a partner.
            owner = Statement(brace, ())
        owner.opened = brace
        self._open.append(owner)

    def _close_block(self, brace: Word) -> None:
        self._last = None
        if self._open:
            self._open.pop()
            return
        if self._missing:
            self._missing -= 1
            return
        self._findings.add(
            Code.STRAY_CLOSE,
            "this `}` closes nothing",
            brace.span,
            helps=("remove it, or look above for a `{` that is missing",),
            fix=Fix(brace.span, "", Applicability.UNSAFE, "remove it"),
        )

    def _close_all(self, where: str, span: Span | None) -> None:
        """One finding for the innermost open block: the others follow from it."""
        if not self._open:
            return
        statement = self._open[-1]
        missing = len(self._open)
        self._missing += missing
        self._open.clear()
        here = (Label(span, "taken as closed before this"),) if span else ()
        count = "a `}` is missing" if missing == 1 else f"{missing} `}}` are missing"
        self._findings.add(
            Code.OPEN_BLOCK,
            f"{_named(statement.keyword, statement.arguments)} is not closed {where}",
            statement.keyword.span,
            label="opened here",
            secondary=here,
            notes=(f"{count}; keepalived would read on, and lose what follows",) if span else (),
            helps=(f"close it with `}}` {where}",),
        )


def _named(keyword: Word, arguments: Sequence[Word]) -> str:
    """A block by its keyword and its name."""
    return f"`{' '.join(word.text for word in (keyword, *arguments[:1]))}`"

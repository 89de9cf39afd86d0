"""Words to a tree of statements; goes on after every mistake.

Knows braces and lines. Must not know what a keyword means: what names tell of braces is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial

from halod.config.body import Bodies, Body
from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lexer import Kind, Line, Word, lex_body
from halod.config.tree import SECRET_BLOCKS, Statement, Unread
from halod.model.diagnostic import Applicability, FindingSeverity, Fix, Label, Span

__all__ = ["Shape", "parse"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What the names of keywords tell of braces that are missing or too many."""

    section_starts: AbstractSet[str]
    """Inside a block, such a name means that every open block ends before it."""
    block_ends: Mapping[str, AbstractSet[str]]
    """Inside a block of the keyword, such a name means that this block ends before it."""
    without_block: AbstractSet[str]
    """A brace on the line after such a keyword is not its own."""
    sections: Mapping[str, AbstractSet[str]]
    """Behind the first line of a section, such a name means that its brace is missing."""

    def lacks_brace(self, statement: Statement, following: str) -> bool:
        """Whether a statement without a block would have had one, by the name that follows it."""
        inside = self.sections.get(statement.name)
        if inside is not None:
            return following in inside
        ends = self.block_ends.get(statement.name)
        return ends is not None and not statement.arguments and following not in ends


def parse(
    lines: Iterable[Line], shape: Shape, findings: Findings, bodies: Bodies | None = None
) -> list[Statement]:
    """The statements of the top level: one slip does not cost the sections that follow.

    `bodies`: where those of the lines come from; None: lines have none.
    """
    return _Parser(shape, findings, bodies or Bodies()).parse(lines)


class _Parser:
    def __init__(self, shape: Shape, findings: Findings, bodies: Bodies) -> None:
        self._shape = shape
        self._findings = findings
        self._bodies = bodies
        self._top: list[Statement] = []
        self._open: list[Statement] = []
        self._last: Statement | None = None
        """The statement that a brace would belong to."""
        self._missing = 0
        """Braces that were taken as closing: as many may come too late, and say nothing new."""
        self._surplus = 0
        """Opening braces of nobody: as many blocks may stay open, and say nothing new."""
        self._behind_secret = False
        """A secret stood on this line: what follows may be the rest of it."""

    def parse(self, lines: Iterable[Line]) -> list[Statement]:
        for line in lines:
            self._line(line)
        self._close_all("before the end of the file", None)
        return self._top

    def _line(self, line: Line) -> None:
        self._behind_secret = False
        if line.block is not None:
            self._take_block(line.block)
            return
        pending: list[Word] = []
        for position, word in enumerate(line.words, start=1):
            if word.kind is Kind.WORD:
                pending.append(word)
                continue
            self._flush(pending, line)
            pending = []
            if self._tears(word, line.words[position : position + 1]):
                self._behind_secret = True
                continue
            if word.kind is Kind.OPEN:
                self._open_block(word)
            else:
                self._close_block(word)
        self._flush(pending, line)
        if line.body is not None:
            self._take_body(line.body, line.words[0])

    # ---- what was read before ---------------------------------------------------------------

    def _take_block(self, block: Statement) -> None:
        """As it is, where nothing is open that it would be a part of."""
        last = self._last
        if self._open or self._excuses or (last and self._shape.lacks_brace(last, block.name)):
            assert block.opened is not None
            assert block.closed is not None
            words = (block.keyword, *block.arguments, block.opened)
            self._line(Line(words, body=block.body))
            self._line(Line((block.closed,)))
            return
        self._top.append(block)
        self._last = None

    def _take_body(self, body: Body, head: Word) -> None:
        """The lines behind a head: passed over, where they are known to be whole."""
        owner = self._open[-1] if self._open else None
        if owner is None or owner.keyword is not head or owner.may_hold_secret or self._excuses:
            for line in self._lines_of(body, head):
                self._line(line)
            return
        if body.names is None:
            told, depth = self._findings.told, len(self._open)
            for line in self._lines_of(body, head):
                self._line(line)
            whole = len(self._open) == depth and self._open[-1] is owner and not self._excuses
            if whole and self._findings.told == told:
                body.names = _names_in(owner)
        else:
            owner.children = Unread(partial(_children, self._shape, self._bodies, body, head))
        owner.body = None if body.names is None else body

    @property
    def _excuses(self) -> bool:
        """Whether a brace that comes now may be forgiven for what stood before."""
        return bool(self._missing or self._surplus)

    def _lines_of(self, body: Body, head: Word) -> Iterable[Line]:
        return lex_body(body, head.span.file, head.span.line + 1, self._bodies)

    def read(self, body: Body, head: Word) -> Sequence[Statement]:
        """What stands in a body that is known to be whole."""
        owner = Statement(head, ())
        self._open.append(owner)
        for line in self._lines_of(body, head):
            self._line(line)
        return owner.children

    # ---- lines -----------------------------------------------------------------------------

    def _flush(self, words: list[Word], line: Line) -> None:
        if not words:
            return
        keyword, *arguments = words
        self._open_unbraced(keyword.text)
        statement = Statement(
            keyword, tuple(arguments), line.own, line.comment, self._behind_secret
        )
        opens = statement.name in SECRET_BLOCKS and not arguments
        inside = bool(self._open) and self._open[-1].may_hold_secret
        if not opens and (inside or statement.may_hold_secret):
            self._behind_secret = True
        if self._open and keyword.text in self._shape.section_starts:
            self._close_all(f"before {_named(statement)}", keyword.span)
        elif self._open and keyword.text in self._shape.block_ends.get(self._open[-1].name, ()):
            self._close_last(f"before {_named(statement)}", keyword.span)
        if self._open:
            self._open[-1].add(statement)
        else:
            self._top.append(statement)
        self._last = statement

    def _open_block(self, brace: Word) -> None:
        owner = self._last
        self._last = None
        if owner is None or self._is_flat(owner, brace):
            self._findings.add(
                Code.STRAY_OPEN,
                "a `{` without a keyword before it: it is skipped, with its `}`",
                brace.span,
                helps=("remove it",),
            )
            self._surplus += 1
            # What stands in it belongs to the block around it.
            owner = self._open[-1] if self._open else Statement(brace, (), children=self._top)
        else:
            owner.opened = brace
        self._open.append(owner)

    def _open_unbraced(self, following: str) -> None:
        """Its lines would stand in the block around it, each with a finding of its own."""
        owner = self._last
        if owner is None or not self._shape.lacks_brace(owner, following):
            return
        last = owner.arguments[-1] if owner.arguments else owner.keyword
        self._findings.add(
            Code.BLOCK_EXPECTED,
            f"{_named(owner)} has no `{{`: taken as opened at the end of the line",
            owner.keyword.span,
            severity=FindingSeverity.RISK,
            notes=("keepalived may lose what follows, and die of it",),
            helps=(f"write {_named(owner, ' {')}",) if last.quoted else (),
            fix=None if last.quoted else _with_brace(last, _named(owner, " {")),
        )
        owner.opened = last
        self._open.append(owner)

    def _tears(self, brace: Word, following: tuple[Word, ...]) -> bool:
        """A brace inside a secret opens and closes nothing: what it tears off is told."""
        glued = bool(following) and following[0].glued
        heads = self._last is not None and self._last.name in SECRET_BLOCKS
        if heads and brace.kind is Kind.CLOSE:
            return glued
        return glued and self._behind_secret

    def _is_flat(self, owner: Statement, brace: Word) -> bool:
        elsewhere = owner.keyword.span.line != brace.span.line
        return elsewhere and owner.name in self._shape.without_block

    def _close_block(self, brace: Word) -> None:
        self._last = None
        if self._open:
            self._open.pop().closed = brace
            if not self._open:
                self._surplus = 0
            return
        if self._missing:
            self._missing -= 1
            return
        self._findings.add(
            Code.STRAY_CLOSE,
            "this `}` closes nothing",
            brace.span,
            helps=("look above for a `{` that is missing, or for a `}` that came too early",),
            fix=Fix(brace.span, "", Applicability.UNSAFE, "remove it"),
        )

    def _close_last(self, where: str, span: Span) -> None:
        self._missing += 1
        self._not_closed(self._open.pop(), 1, where, span)

    def _close_all(self, where: str, span: Span | None) -> None:
        """One finding for the innermost open block: the others follow from it."""
        excused = min(self._surplus, len(self._open))
        self._surplus -= excused
        missing = len(self._open) - excused
        if missing:
            self._not_closed(self._open[-1], missing, where, span)
        self._missing += missing
        self._open.clear()

    def _not_closed(
        self, statement: Statement, missing: int, where: str, span: Span | None
    ) -> None:
        here = (Label(span, "taken as closed before this"),) if span else ()
        count = "a `}` is missing" if missing == 1 else f"{missing} `}}` are missing"
        self._findings.add(
            Code.OPEN_BLOCK,
            f"{_named(statement)} is not closed {where}",
            statement.keyword.span,
            label="opened here",
            secondary=here,
            notes=(f"{count}; keepalived would read on, and lose what follows",) if span else (),
            helps=(f"close it with `}}` {where}",),
        )


def _children(shape: Shape, bodies: Bodies, body: Body, head: Word) -> Sequence[Statement]:
    return _Parser(shape, Findings(), bodies).read(body, head)


def _names_in(block: Statement) -> frozenset[str] | None:
    """Every keyword in it; None: there may be a secret."""
    names: set[str] = set()
    waiting = [block]
    while waiting:
        for statement in waiting.pop().children:
            if statement.may_hold_secret:
                return None
            names.add(statement.name)
            if statement.body is not None and statement.body.names is not None:
                names |= statement.body.names
            else:
                waiting.append(statement)
    return frozenset(names)


def _named(statement: Statement, more: str = "") -> str:
    """A block by its keyword and its name."""
    if statement.may_hold_secret or not statement.arguments:
        return f"`{statement.shown_name}{more}`"
    return f"`{statement.shown_name} {statement.arguments[0].shown}{more}`"


def _with_brace(last: Word, meant: str) -> Fix:
    return Fix(last.span, f"{last.text} {{", Applicability.UNSAFE, f"write {meant}")

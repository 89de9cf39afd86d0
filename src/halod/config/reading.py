"""Statements of a block to values, by the block's table of keywords.

Knows tables, types and ranges. Must not know what a value is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from halod.config.codes import Code
from halod.config.cut_off import tell_cut_off
from halod.config.findings import Findings
from halod.config.keywords.kinds import (
    Entries,
    Flag,
    Keyword,
    Nested,
    Program,
    Repeated,
    Section,
)
from halod.config.not_working import tell_not_working
from halod.config.one_a_line import first_of_line
from halod.config.scalars import read_scalar
from halod.config.tree import Statement
from halod.model.diagnostic import Applicability, FindingSeverity, Fix, Label

__all__ = ["Values", "read_section"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Entry:
    statement: Statement
    value: object


class Values:
    """What a block says, keyword by keyword."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._attempted: set[str] = set()
        self.nested: list[tuple[str, Statement]] = []
        """Blocks with keywords of their own, by keyword, in the order of the file."""

    def put(self, statement: Statement, value: object) -> None:
        self._entries[statement.name] = _Entry(statement, value)

    def drop(self, name: str) -> None:
        """The last one counts, and it has no usable value: then the default does."""
        self._entries.pop(name, None)

    def mark(self, name: str) -> Statement | None:
        """Notes that the keyword stands here; returns the statement before it, if any."""
        before = self._entries.get(name)
        self._attempted.add(name)
        return before.statement if before else None

    def get(self, name: str, kind: type[T]) -> T | None:
        """The last usable value; None: there is none."""
        entry = self._entries.get(name)
        if entry is None:
            return None
        assert isinstance(entry.value, kind)
        return entry.value

    def get_or(self, name: str, default: T) -> T:
        """The last usable value, or else the default; 0 is a value."""
        value = self.get(name, type(default))
        return default if value is None else value

    def has(self, name: str) -> bool:
        """Whether there is a usable value."""
        return name in self._entries

    def attempted(self, name: str) -> bool:
        """Whether the keyword stands there, usable or not: a gap is then told already."""
        return name in self._attempted

    def statement(self, name: str) -> Statement:
        """Where the value stands. KeyError: there is none."""
        return self._entries[name].statement


def read_section(statements: Sequence[Statement], section: Section, findings: Findings) -> Values:
    """Reads every statement of a block; what cannot be used is told and left out."""
    values = Values()
    before: Statement | None = None
    for statement in statements:
        if findings.full:
            break
        keyword = section.keywords.get(statement.name)
        if keyword is None:
            if tell_cut_off(statement, section, before, findings):
                continue
            tell_not_working(statement, section, findings)
        else:
            alone = first_of_line(statement, keyword, section, findings)
            _read_keyword(alone, keyword, values, findings)
        before = statement
    return values


def _read_keyword(
    statement: Statement, keyword: Keyword, values: Values, findings: Findings
) -> None:
    name = statement.name
    if keyword.own and not statement.own:
        findings.add(
            Code.BARE_OWN_KEYWORD,
            f"`{name}` is halod's own: keepalived would not know it",
            statement.keyword.span,
            fix=Fix(
                statement.keyword.span,
                f"@halod {name}",
                Applicability.SAFE,
                f"write `@halod {name}`, and keepalived skips the line",
            ),
        )
    if isinstance(keyword.kind, Nested):
        if _has_block(statement, keyword, findings):
            values.nested.append((name, statement))
        return
    before = values.mark(name)
    if isinstance(keyword.kind, Entries):
        if _has_block(statement, keyword, findings):
            for child in statement.children:
                _plain_entry(child, name, findings)
            earlier = values.get(name, list) or []
            values.put(statement, [*earlier, *statement.children])
        return
    if isinstance(keyword.kind, Repeated):
        values.put(statement, [*(values.get(name, list) or []), statement])
        return
    if before is not None and (keyword.first_counts or isinstance(keyword.kind, Program)):
        # keepalived too: a second command is no correction of the first.
        findings.add(
            Code.KEYWORD_TWICE,
            f"`{name}` stands twice in this block: the first counts",
            statement.keyword.span,
            secondary=(Label(before.keyword.span, "this one counts"),),
            helps=("remove one of them",),
        )
        return
    if before is not None:
        findings.add(
            Code.KEYWORD_TWICE,
            f"`{name}` stands twice in this block: this one counts",
            statement.keyword.span,
            secondary=(Label(before.keyword.span, "without effect"),),
            helps=("remove one of them",),
        )
    if statement.opened is not None and not _stray_block(statement, keyword, findings):
        return
    value = read_scalar(statement, keyword, findings)
    if value is None:
        values.drop(name)
    else:
        values.put(statement, value)


def _plain_entry(entry: Statement, name: str, findings: Findings) -> None:
    if entry.opened is not None:
        findings.add(
            Code.STRAY_OPEN,
            f"an entry of `{name}` has no block: nothing in it has an effect",
            entry.opened.span,
            helps=("remove the braces and what stands between them",),
        )


def _has_block(statement: Statement, keyword: Keyword, findings: Findings) -> bool:
    if statement.opened is not None:
        return True
    findings.add(
        Code.BLOCK_EXPECTED,
        f"`{statement.name}` needs a block in braces: the line has no effect",
        statement.keyword.span,
        severity=FindingSeverity.REFUSE if keyword.needed else None,
        helps=(f"write `{statement.name} {{`, one entry a line, and `}}`",),
    )
    return False


def _stray_block(statement: Statement, keyword: Keyword, findings: Findings) -> bool:
    """Whether there is still a value to read before the braces."""
    assert statement.opened is not None
    findings.add(
        Code.STRAY_OPEN,
        f"`{statement.name}` has no block: nothing in it has an effect",
        statement.opened.span,
        severity=FindingSeverity.REFUSE if keyword.needed and not statement.arguments else None,
        helps=("remove the braces and what stands between them",),
    )
    return bool(statement.arguments) or isinstance(keyword.kind, Flag)

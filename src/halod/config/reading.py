"""Statements of a block to values, by the block's table of keywords.

Knows tables, types and ranges. Must not know what a value is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from halod.config.codes import Code
from halod.config.findings import Findings, did_you_mean
from halod.config.keywords.kinds import Entries, Keyword, Nested, Section, Unready
from halod.config.keywords.top_level import sections_with
from halod.config.scalars import read_scalar
from halod.config.suggest import closest
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
    for statement in statements:
        keyword = section.keywords.get(statement.name)
        if keyword is None:
            _not_working(statement, section, findings)
            continue
        _read_keyword(statement, keyword, values, findings)
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
            helps=(f"write `@halod {name}`, and keepalived skips the line",),
            fix=Fix(statement.keyword.span, f"@halod {name}", Applicability.SAFE, "add `@halod`"),
        )
    if isinstance(keyword.kind, Nested):
        if _has_block(statement, keyword, findings):
            values.nested.append((name, statement))
        return
    before = values.mark(name)
    if before is not None and not isinstance(keyword.kind, Entries):
        findings.add(
            Code.KEYWORD_TWICE,
            f"`{name}` stands twice in this block: this one counts",
            statement.keyword.span,
            secondary=(Label(before.keyword.span, "without effect"),),
            helps=("remove one of them",),
        )
    if isinstance(keyword.kind, Entries):
        if _has_block(statement, keyword, findings):
            earlier = values.get(name, list) or []
            values.put(statement, [*earlier, *statement.children])
        return
    if statement.opened is not None:
        findings.add(
            Code.STRAY_OPEN,
            f"`{name}` has no block",
            statement.opened.span,
            helps=("remove the braces and what stands between them",),
        )
    value = read_scalar(statement, keyword, findings)
    if value is not None:
        values.put(statement, value)


def _has_block(statement: Statement, keyword: Keyword, findings: Findings) -> bool:
    if statement.opened is not None:
        return True
    findings.add(
        Code.BLOCK_EXPECTED,
        f"`{statement.name}` needs a block in braces",
        statement.keyword.span,
        severity=FindingSeverity.REFUSE if keyword.needed else None,
        helps=(f"write `{statement.name} {{`, one entry a line, and `}}`",),
    )
    return False


def _not_working(statement: Statement, section: Section, findings: Findings) -> None:
    """Planned, refused, without effect, misplaced, or unknown: told by name in any case."""
    name = statement.name
    span = statement.keyword.span
    unready = section.unready(name)
    if unready is None:
        _unknown(statement, section, findings)
        return
    level, why = unready
    what = f"the block `{name}`" if statement.opened is not None else f"`{name}`"
    match level:
        case Unready.PLANNED:
            findings.add(
                Code.PLANNED,
                f"{what} has no effect yet",
                span,
                notes=("keepalived acts on it; this version of halod does not",),
            )
        case Unready.NOT_YET:
            findings.add(
                Code.NOT_YET,
                f"{what} is not supported yet: {why}",
                span,
                helps=("keep keepalived on this machine until halod can do it",),
            )
        case Unready.WITHOUT_EFFECT:
            findings.add(Code.WITHOUT_EFFECT, f"{what} has nothing to do: {why}", span)


def _unknown(statement: Statement, section: Section, findings: Findings) -> None:
    name = statement.name
    span = statement.keyword.span
    where = f"in `{section.name}`" if section.name else "at the top level"
    bare, sign, _ = name.partition("=")
    if sign and bare in section.keywords:
        findings.add(
            Code.PUNCTUATION,
            f"`{bare}` is followed by `=`: the line has no effect",
            span,
            helps=(f"write `{bare}`, a blank, and the value",),
        )
        return
    if name.rstrip(";,") in section.keywords:
        bare = name.rstrip(";,")
        findings.add(
            Code.PUNCTUATION,
            f"`{name}` ends in punctuation: the line has no effect",
            span,
            helps=("a line ends without a sign",),
            fix=Fix(span, bare, Applicability.SAFE, f"write `{bare}`"),
        )
        return
    homes = sections_with(name)
    if homes:
        belongs = " or ".join(f"`{home}`" for home in homes[:3])
        findings.add(
            Code.MISPLACED,
            f"`{name}` means nothing {where}: the line has no effect",
            span,
            helps=(f"it belongs into {belongs}",),
        )
        return
    suggestion = closest(name, section.names())
    shown = f" `{statement.shown_name}`"
    if section.secret and suggestion is None:
        shown = ""  # it may be a password that slipped onto a line of its own
    findings.add(
        Code.UNKNOWN_KEYWORD,
        f"unknown keyword{shown} {where}: the line has no effect"
        if statement.opened is None
        else f"unknown block{shown} {where}: nothing in it has an effect",
        span,
        fix=did_you_mean(span, suggestion),
    )

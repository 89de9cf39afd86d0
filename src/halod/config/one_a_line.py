"""Two keywords on one line: the second is a word of the first, and has no effect.

Knows which names may stand in the block. Must not read any value.
"""

from __future__ import annotations

from dataclasses import replace

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.kinds import Entries, Keyword, Nested, Section
from halod.config.tree import Statement
from halod.model.diagnostic import Label

__all__ = ["first_of_line"]


def first_of_line(
    statement: Statement, keyword: Keyword, section: Section, findings: Findings
) -> Statement:
    """The statement without what another keyword on its line begins, which is told."""
    if isinstance(keyword.kind, Entries | Nested):
        return statement
    for position, word in enumerate(statement.arguments[1:], start=1):
        if word.quoted or word.text not in section.keywords:
            continue
        findings.add(
            Code.TWO_ON_A_LINE,
            f"`{word.text}` stands on the line of `{statement.name}`: it has no effect",
            word.span,
            secondary=(Label(statement.keyword.span),),
            helps=("give each keyword a line of its own",),
        )
        return replace(statement, arguments=statement.arguments[:position])
    return statement

"""Statements behind a block that belong into it: its closing brace came too early.

Knows which names stand in which block. Must not know what they mean: none of them has an effect.
"""

from __future__ import annotations

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.kinds import Nested, Section
from halod.config.tree import Statement
from halod.model.diagnostic import Label

__all__ = ["tell_cut_off"]


def tell_cut_off(
    statement: Statement, section: Section, before: Statement | None, findings: Findings
) -> bool:
    """Whether the block before it ended too early. Told once, at the first that it cut off."""
    if before is None or before.closed is None or section.unready(statement.name) is not None:
        return False
    inside = _section_of(before, section)
    if inside is None or statement.name not in inside.names():
        return False
    brace = before.closed.span
    if findings.has(Code.CUT_OFF, brace):
        return True
    # The brace that would end the block closes nothing then: that follows from this.
    if not findings.explains(Code.STRAY_CLOSE, brace):
        return False
    name = before.shown_name
    findings.add(
        Code.CUT_OFF,
        f"this `}}` ends `{name}` before `{statement.shown_name}`: what belongs into it and "
        "follows has no effect",
        brace,
        secondary=(Label(statement.keyword.span, f"it belongs into `{name}`"),),
        helps=("remove the `}` if it is one too many, or move the lines before it",),
    )
    return True


def _section_of(block: Statement, section: Section) -> Section | None:
    keyword = section.keywords.get(block.name)
    if keyword is not None:
        return keyword.kind.section if isinstance(keyword.kind, Nested) else None
    return section.nested.get(block.name)

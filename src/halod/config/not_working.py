"""A keyword that does nothing here: planned, refused, misplaced, or unknown. Told by name.

Knows what keepalived knows, and what was probably meant. Must not read any value.
"""

from __future__ import annotations

from halod.config.codes import Code
from halod.config.findings import Findings, did_you_mean
from halod.config.keywords.former import FORMER
from halod.config.keywords.kinds import Section, Unready
from halod.config.keywords.top_level import sections_with
from halod.config.secret_places import known_part
from halod.config.suggest import closest, foreign_sign, plain_ascii
from halod.config.tree import Statement
from halod.model.diagnostic import Applicability, Fix, Span
from halod.model.printable import SHOWN_MAX, shortened

__all__ = ["tell_not_working"]

HOMES_MAX = 3
"""Sections that one sentence names: `weight` stands in twelve."""


def tell_not_working(statement: Statement, section: Section, findings: Findings) -> None:
    """One finding, at the keyword."""
    unready = section.unready(statement.name)
    if unready is None:
        _unknown(statement, section, findings)
        return
    level, why = unready
    span = statement.keyword.span
    block = "the block " if statement.opened is not None else ""
    what = f"{block}`{statement.name}`"
    match level:
        case Unready.PLANNED:
            findings.add(Code.PLANNED, f"halod does not act on {what} yet", span)
            _slips_inside(statement, section, findings)
        case Unready.NOT_YET:
            findings.add(
                Code.NOT_YET,
                f"{what} is not supported yet: {why}",
                span,
                helps=("keep keepalived on this machine until halod can do it",),
            )
        case Unready.READ_BEFORE:
            pass
        case Unready.WITHOUT_EFFECT:
            findings.add(Code.WITHOUT_EFFECT, f"{what} has nothing to do: {why}", span)


def _slips_inside(block: Statement, section: Section, findings: Findings) -> None:
    """Names in a block that does nothing yet: it will, and keepalived tells them today."""
    waiting = [(block, section)]
    while waiting and not findings.full:
        outer, around = waiting.pop()
        inside = around.nested.get(outer.name)
        if inside is None:
            continue
        for statement in outer.children:
            if statement.name in inside.known:
                waiting.append((statement, inside))
            else:
                _unknown(statement, inside, findings)


def _unknown(statement: Statement, section: Section, findings: Findings) -> None:
    if statement.behind_secret:
        findings.add(
            Code.UNKNOWN_KEYWORD,
            "the secret ends before this: it has no effect",
            statement.keyword.span,
            helps=('put the whole secret in quotes: "..."',),
        )
        return
    for attempt in (_punctuation, _foreign, _misplaced):
        if attempt(statement, section, findings):
            return
    former = FORMER.get(statement.name)
    meant = former.now if former else closest(statement.name, section.names())
    part = known_part(statement) if section.secret else statement.open_length
    shown = f" `{statement.shown_name}`"
    if part < len(statement.name):
        # It may be a password on a line of its own, or without a blank before it.
        shown = f" `{statement.name[:part]}…`" if part else ""
    kind = "keyword" if statement.opened is None else "block"
    findings.add(
        Code.UNKNOWN_KEYWORD,
        f"unknown {kind}{shown} {_where(section)}: {_outcome(statement)}",
        statement.keyword.span,
        notes=(former.note,) if former else (),
        fix=did_you_mean(statement.keyword.span, meant or None),
    )


def _where(section: Section) -> str:
    return f"in `{section.name}`" if section.name else "at the top level"


def _outcome(statement: Statement) -> str:
    return "the line has no effect" if statement.opened is None else "nothing in it has an effect"


def _punctuation(statement: Statement, section: Section, findings: Findings) -> bool:
    """`priority=150` and `nopreempt;`."""
    name = statement.name
    span = statement.keyword.span
    bare, sign, value = name.partition("=")
    if sign and bare in section.names():
        open_value = value and not (statement.is_secret or section.secret)
        meant = f"{bare} {value}" if open_value and len(value) <= SHOWN_MAX else None
        findings.add(
            Code.PUNCTUATION,
            f"`{bare}` is followed by `=`: {_outcome(statement)}",
            span,
            helps=() if meant else (f"write `{bare}`, a blank, and the value",),
            fix=_write(span, meant) if meant else None,
        )
        return True
    bare = name.rstrip(";,:=")
    if bare == name or bare not in section.names():
        return False
    findings.add(
        Code.PUNCTUATION,
        f"`{shortened(name)}` ends in punctuation: {_outcome(statement)}",
        span,
        fix=_write(span, bare),
    )
    return True


def _write(span: Span, meant: str) -> Fix:
    return Fix(span, meant, Applicability.SAFE, f"write `{meant}`")


def _foreign(statement: Statement, section: Section, findings: Findings) -> bool:
    """A no-break or full-width sign from a web page or a Chinese keyboard."""
    plain = plain_ascii(statement.name)
    if plain is None or statement.is_secret or section.secret:
        return False
    bare = plain.rstrip(";,:= ")
    if bare.partition(" ")[0] not in section.names():
        return False
    span = statement.keyword.span
    findings.add(
        Code.PUNCTUATION,
        f"`{statement.shown_name}` holds {foreign_sign(statement.name)}: {_outcome(statement)}",
        span,
        notes=("keepalived knows ASCII blanks and signs alone",),
        fix=_write(span, bare),
    )
    return True


def _misplaced(statement: Statement, section: Section, findings: Findings) -> bool:
    name = statement.name
    span = statement.keyword.span
    message = f"`{name}` means nothing {_where(section)}: {_outcome(statement)}"
    here = f"vrrp_{name}"
    if here in section.keywords:
        findings.add(Code.MISPLACED, message, span, fix=did_you_mean(span, here))
        return True
    homes = sections_with(name)
    if not homes:
        return False
    shown = " or ".join(f"`{home}`" for home in homes[:HOMES_MAX])
    more = " or others" if len(homes) > HOMES_MAX else ""
    findings.add(Code.MISPLACED, message, span, helps=(f"it belongs into {shown}{more}",))
    return True

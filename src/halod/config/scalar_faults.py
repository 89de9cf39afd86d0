"""What is wrong with a value of a keyword, and what is done instead: told in one place.

Knows how it is worded. Must not know how a value is read.
"""

from __future__ import annotations

import re

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.describe import takes
from halod.config.keywords.kinds import Keyword, Seconds, Secret
from halod.config.lexer import Word
from halod.config.placeholder import PLACE, is_place
from halod.config.suggest import foreign_sign, plain_ascii
from halod.config.tree import Statement
from halod.model.diagnostic import Applicability, FindingSeverity, Fix

__all__ = ["extra_words", "tell", "tell_equals_sign", "tell_no_number", "tell_no_value"]
__all__ += ["tell_out_of_range"]

_LEADING_DIGITS = re.compile(r"[0-9]+")
_LEADING_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def tell(
    statement: Statement,
    keyword: Keyword,
    findings: Findings,
    code: Code,
    message: str,
    word: Word | None = None,
    notes: tuple[str, ...] = (),
    helps: tuple[str, ...] = (),
    fix: Fix | None = None,
) -> None:
    """A value that cannot be used: refused where nothing can stand in for it."""
    span = word.span if word else statement.keyword.span
    if word is not None and not statement.may_hold_secret and is_place(word.text):
        notes = (*notes, PLACE)
    outcome = "" if keyword.needed or not keyword.default else f": {keyword.default}"
    findings.add(
        code,
        f"{message}{outcome}",
        span,
        severity=FindingSeverity.REFUSE if keyword.needed else None,
        notes=notes,
        helps=helps,
        fix=fix,
    )


def tell_no_value(statement: Statement, keyword: Keyword, findings: Findings) -> None:
    helps = (f"`{statement.name}` takes {takes(keyword.kind)}",)
    if isinstance(keyword.kind, Secret) and statement.comment is not None:
        helps = ("a comment begins here: a secret with `!` or `#` in it stands in quotes",)
    tell(
        statement,
        keyword,
        findings,
        Code.MISSING_VALUE,
        f"`{statement.name}` has no value",
        helps=helps,
    )


def tell_equals_sign(statement: Statement, keyword: Keyword, findings: Findings) -> None:
    sign = statement.arguments[0]
    tell(
        statement,
        keyword,
        findings,
        Code.PUNCTUATION,
        f"`{statement.name}` is followed by `=`, so it has no value",
        sign,
        fix=Fix(sign.span, "", Applicability.SAFE, "remove the `=`"),
    )


def extra_words(statement: Statement, count: int, findings: Findings, what: str = "") -> None:
    """Tells the first word behind those that the keyword takes; `what`: more than two words."""
    if len(statement.arguments) > count:
        extra = statement.arguments[count]
        secret = statement.may_hold_secret
        shown = "the rest of the line" if secret else f"`{extra.shown}`"
        findings.add(
            Code.EXTRA_WORD,
            f"{shown} has no effect: `{statement.name}` takes "
            + (what or ("no value", "one value", "two values")[count]),
            extra.span,
            notes=("a comment begins with `#` or `!`",) if not extra.text.isascii() else (),
        )


def tell_no_number(statement: Statement, word: Word, keyword: Keyword, findings: Findings) -> None:
    """`150;` is a slip of the finger, `150,` with a remark behind it likewise."""
    plain = plain_ascii(word.text)
    fractions = isinstance(keyword.kind, Seconds) and keyword.kind.fractions
    leading = (_LEADING_NUMBER if fractions else _LEADING_DIGITS).match(plain or word.text)
    code = Code.NOT_A_NUMBER
    fix = None
    notes = (f"it holds {foreign_sign(word.text)}",) if plain else ()
    if leading is not None:
        rest = (plain or word.text)[leading.end() :]
        sure = rest.strip(";,") == ""
        if sure:
            code = Code.PUNCTUATION
        if sure or rest[0] in ";,":
            safety = Applicability.SAFE if sure else Applicability.UNSAFE
            fix = Fix(word.span, leading[0], safety, f"write `{leading[0]}`")
    tell(
        statement,
        keyword,
        findings,
        code,
        f"`{word.shown}` is no number for `{statement.name}`",
        word,
        notes=notes,
        helps=() if fix else (f"`{statement.name}` takes {takes(keyword.kind)}",),
        fix=fix,
    )


def tell_out_of_range(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> None:
    tell(
        statement,
        keyword,
        findings,
        Code.OUT_OF_RANGE,
        f"`{word.shown}` is out of range for `{statement.name}`",
        word,
        helps=(f"`{statement.name}` takes {takes(keyword.kind)}",),
    )

"""One value of one keyword, by its type.

Knows how numbers, times, words and names are written. Must not know sections.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum

from halod.config.codes import Code
from halod.config.findings import Findings, did_you_mean
from halod.config.keywords.kinds import (
    Choice,
    Entries,
    Flag,
    Integer,
    InterfaceName,
    Keyword,
    Nested,
    Seconds,
    Secret,
    Text,
)
from halod.config.lexer import Word
from halod.config.suggest import closest
from halod.config.tree import Statement
from halod.model.diagnostic import Applicability, FindingSeverity, Fix
from halod.model.units import Duration

__all__ = ["Scalar", "interface_fault", "read_scalar"]

Scalar = int | str | bool | Duration | Enum

INTERFACE_BYTES_MAX = 15
"""IFNAMSIZ without its zero (netdevice(7))."""
DIGITS_MAX = 18
"""More than any range needs, few enough for every integer type."""
_INTEGER = re.compile(rf"[+-]?[0-9]{{1,{DIGITS_MAX}}}\Z")
_DECIMAL = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,6})[0-9]*)?\Z")
_LEADING_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def read_scalar(statement: Statement, keyword: Keyword, findings: Findings) -> Scalar | None:
    """The value; None where it is missing or not usable, which is told here."""
    kind = keyword.kind
    assert not isinstance(kind, Entries | Nested)
    if isinstance(kind, Flag):
        _extra_words(statement, 0, findings)
        return True
    if not statement.arguments:
        _tell(statement, keyword, findings, Code.MISSING_VALUE, f"`{statement.name}` has no value")
        return None
    word = statement.arguments[0]
    if word.text == "=":
        _equals_sign(statement, keyword, findings)
        return None
    value = _READERS[type(kind)](statement, word, keyword, findings)
    if value is not None and not isinstance(kind, Text):
        _extra_words(statement, 1, findings)
    return value


def interface_fault(name: str) -> str | None:
    """Why no interface can have this name (netdevice(7)); None: it can."""
    if len(name.encode("utf-8", "replace")) > INTERFACE_BYTES_MAX:
        return f"has more than {INTERFACE_BYTES_MAX} bytes"
    if name in ("", ".", "..") or "/" in name or ":" in name or any(c.isspace() for c in name):
        return "is no name of an interface"
    return None


def _tell(
    statement: Statement,
    keyword: Keyword,
    findings: Findings,
    code: Code,
    message: str,
    word: Word | None = None,
    helps: tuple[str, ...] = (),
    fix: Fix | None = None,
) -> None:
    """A value that cannot be used: refused where nothing can stand in for it."""
    span = word.span if word else statement.keyword.span
    outcome = "" if keyword.needed or not keyword.default else f": {keyword.default}"
    findings.add(
        code,
        f"{message}{outcome}",
        span,
        severity=FindingSeverity.REFUSE if keyword.needed else None,
        helps=helps,
        fix=fix,
    )


def _equals_sign(statement: Statement, keyword: Keyword, findings: Findings) -> None:
    sign = statement.arguments[0]
    _tell(
        statement,
        keyword,
        findings,
        Code.PUNCTUATION,
        f"`{statement.name}` is followed by `=`, so it has no value",
        sign,
        fix=Fix(sign.span, "", Applicability.SAFE, "remove the `=`"),
    )


def _extra_words(statement: Statement, count: int, findings: Findings) -> None:
    if len(statement.arguments) > count:
        extra = statement.arguments[count]
        shown = "the rest of the line" if statement.is_secret else f"`{extra.text}`"
        findings.add(
            Code.EXTRA_WORD,
            f"{shown} has no effect: `{statement.name}` takes "
            + ("no value" if count == 0 else "one value"),
            extra.span,
        )


def _range(keyword: Keyword) -> str:
    kind = keyword.kind
    if isinstance(kind, Integer):
        return f"a whole number from {kind.minimum} to {kind.maximum}"
    assert isinstance(kind, Seconds)
    form = "seconds" if kind.fractions else "whole seconds"
    return f"{form} from {_plain(kind.minimum)} to {_plain(kind.maximum)}"


def _plain(span: Duration) -> str:
    return f"{span.as_seconds():.6f}".rstrip("0").rstrip(".")


def _not_a_number(statement: Statement, word: Word, keyword: Keyword, findings: Findings) -> None:
    leading = _LEADING_NUMBER.match(word.text)
    code = Code.NOT_A_NUMBER
    fix = None
    if leading is not None and word.text[leading.end() :].strip(";,") == "":
        code = Code.PUNCTUATION
        fix = Fix(word.span, leading[0], Applicability.SAFE, f"write `{leading[0]}`")
    _tell(
        statement,
        keyword,
        findings,
        code,
        f"`{word.text}` is no number for `{statement.name}`",
        word,
        helps=(f"`{statement.name}` takes {_range(keyword)}",),
        fix=fix,
    )


def _out_of_range(statement: Statement, word: Word, keyword: Keyword, findings: Findings) -> None:
    _tell(
        statement,
        keyword,
        findings,
        Code.OUT_OF_RANGE,
        f"`{word.text}` is out of range for `{statement.name}`",
        word,
        helps=(f"`{statement.name}` takes {_range(keyword)}",),
    )


def _integer(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> Scalar | None:
    assert isinstance(keyword.kind, Integer)
    if not _INTEGER.match(word.text):
        _not_a_number(statement, word, keyword, findings)
        return None
    value = int(word.text)
    if not keyword.kind.minimum <= value <= keyword.kind.maximum:
        _out_of_range(statement, word, keyword, findings)
        return None
    return value


def _seconds(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> Scalar | None:
    assert isinstance(keyword.kind, Seconds)
    match = _DECIMAL.match(word.text)
    if match is None or (match[2] is not None and not keyword.kind.fractions):
        _not_a_number(statement, word, keyword, findings)
        return None
    microseconds = int((match[2] or "").ljust(6, "0"))
    value = Duration.seconds(int(match[1])) + Duration(microseconds * 1000)
    if not keyword.kind.minimum <= value <= keyword.kind.maximum:
        _out_of_range(statement, word, keyword, findings)
        return None
    return value


def _choice(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> Scalar | None:
    assert isinstance(keyword.kind, Choice)
    words = keyword.kind.words
    if word.text in words:
        return words[word.text]
    _tell(
        statement,
        keyword,
        findings,
        Code.UNKNOWN_WORD,
        f"`{statement.name}` has no value `{word.text}`",
        word,
        helps=(f"`{statement.name}` takes " + " or ".join(f"`{w}`" for w in words),),
        fix=did_you_mean(word.span, closest(word.text, words)),
    )
    return None


def _interface(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> Scalar | None:
    fault = interface_fault(word.text)
    if word.text == "lo":
        fault = "is the loopback: nobody else hears adverts on it"
    if fault is None:
        return word.text
    _tell(statement, keyword, findings, Code.BAD_INTERFACE, f"`{word.text}` {fault}", word)
    return None


def _text(statement: Statement, word: Word, keyword: Keyword, findings: Findings) -> Scalar | None:
    """All words of the line: `smtp_server 192.0.2.1 25`."""
    return " ".join(argument.text for argument in statement.arguments)


def _secret(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> Scalar | None:
    if word.text == "":
        _tell(
            statement, keyword, findings, Code.MISSING_VALUE, f"`{statement.name}` is empty", word
        )
        return None
    return word.text


Reader = Callable[[Statement, Word, Keyword, Findings], Scalar | None]
_READERS: dict[type, Reader] = {
    Integer: _integer,
    Seconds: _seconds,
    Choice: _choice,
    InterfaceName: _interface,
    Text: _text,
    Secret: _secret,
}

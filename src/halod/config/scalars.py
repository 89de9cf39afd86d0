"""One value of one keyword, by its type.

Knows how numbers, times, words and names are written. Must not know sections.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from ipaddress import IPv4Address, IPv6Address

from halod.config.address_words import as_address, bare_address
from halod.config.codes import Code
from halod.config.command_line import OpenQuote, split_command
from halod.config.findings import Findings, did_you_mean
from halod.config.keywords.describe import takes
from halod.config.keywords.kinds import (
    Address,
    Choice,
    Entries,
    Flag,
    Integer,
    InterfaceName,
    Keyword,
    Nested,
    Program,
    Repeated,
    Seconds,
    Secret,
    Text,
    Toggle,
    Words,
)
from halod.config.keywords.kinds import Weight as WeightKind
from halod.config.lexer import Word
from halod.config.scalar_faults import (
    extra_words,
    tell,
    tell_equals_sign,
    tell_no_number,
    tell_no_value,
    tell_out_of_range,
)
from halod.config.suggest import closest, plain_ascii
from halod.config.tree import Statement
from halod.model.command import Command
from halod.model.diagnostic import Applicability, Fix
from halod.model.printable import shortened
from halod.model.tracking import WEIGHT_MAX, Weight
from halod.model.units import Duration

__all__ = ["Scalar", "clean_text", "interface_fault", "read_scalar"]

Scalar = int | str | bool | Duration | Enum | Command | IPv4Address | IPv6Address | Weight

TOGGLE = Choice(
    {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False},
    meant={"1": "true", "0": "false", "enabled": "true", "disabled": "false"},
)
INTERFACE_BYTES_MAX = 15
"""IFNAMSIZ without its zero (netdevice(7))."""
DIGITS_MAX = 9
"""More than any range needs."""
_INTEGER = re.compile(rf"[+-]?[0-9]{{1,{DIGITS_MAX}}}\Z")
_DECIMAL = re.compile(rf"([0-9]{{1,{DIGITS_MAX}}})(?:\.([0-9]{{1,6}})[0-9]*)?\Z")


def read_scalar(statement: Statement, keyword: Keyword, findings: Findings) -> Scalar | None:
    """The value; None where it is missing or not usable, which is told here."""
    kind = keyword.kind
    assert not isinstance(kind, Entries | Nested | Repeated)
    if isinstance(kind, Flag):
        extra_words(statement, 0, findings)
        return True
    if isinstance(kind, Words):
        extra_words(statement, kind.maximum, findings)
        return " ".join(word.text for word in statement.arguments[: kind.maximum])
    is_enough = isinstance(kind, Toggle) or (isinstance(kind, Program) and kind.optional)
    if is_enough and not statement.arguments:
        return True
    if not statement.arguments:
        if isinstance(kind, Choice) and kind.alone is not None:
            return kind.alone
        tell_no_value(statement, keyword, findings)
        return None
    word = statement.arguments[0]
    if word.text == "=":
        tell_equals_sign(statement, keyword, findings)
        return None
    value = _READERS[type(kind)](statement, word, keyword, findings)
    if value is not None and not isinstance(kind, Program | WeightKind):
        extra_words(statement, kind.words if isinstance(kind, Text) else 1, findings)
    return value


def interface_fault(name: str) -> str | None:
    """Why no interface can have this name (netdevice(7)); None: it can."""
    if not name.isprintable():
        return "has a sign that cannot be printed"
    size = len(name.encode("utf-8", "replace"))
    if size > INTERFACE_BYTES_MAX:
        return f"has {size} bytes, and the kernel takes {INTERFACE_BYTES_MAX}"
    if name in ("", ".", "..") or "/" in name or ":" in name or any(c.isspace() for c in name):
        return "is no name of an interface"
    return None


def _too_long(word: Word) -> bool:
    """A number, and none that any keyword takes: 9 digits of seconds are a life."""
    digits = word.text.partition(".")[0]
    return len(digits) > DIGITS_MAX and digits.isascii() and digits.isdigit()


def _integer(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> Scalar | None:
    assert isinstance(keyword.kind, Integer)
    if _too_long(word):
        tell_out_of_range(statement, word, keyword, findings)
        return None
    if not _INTEGER.match(word.text):
        tell_no_number(statement, word, keyword, findings)
        return None
    value = int(word.text)
    if not keyword.kind.minimum <= value <= keyword.kind.maximum:
        tell_out_of_range(statement, word, keyword, findings)
        return None
    return value


def _seconds(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> Scalar | None:
    assert isinstance(keyword.kind, Seconds)
    if _too_long(word):
        tell_out_of_range(statement, word, keyword, findings)
        return None
    match = _DECIMAL.match(word.text)
    if match is None or (match[2] is not None and not keyword.kind.fractions):
        tell_no_number(statement, word, keyword, findings)
        return None
    microseconds = int((match[2] or "").ljust(6, "0"))
    value = Duration.seconds(int(match[1])) + Duration(microseconds * 1000)
    if not keyword.kind.minimum <= value <= keyword.kind.maximum:
        tell_out_of_range(statement, word, keyword, findings)
        return None
    return value


def _choice(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> Scalar | None:
    assert isinstance(keyword.kind, Choice)
    words = keyword.kind.words
    if word.text in words:
        return words[word.text]
    bare = (plain_ascii(word.text) or word.text).strip(";,:=")
    secret = statement.name == "auth_type"  # often it is the password that stands here
    if bare in words:
        code = Code.PUNCTUATION
        fix: Fix | None = Fix(word.span, bare, Applicability.SAFE, f"write `{bare}`")
    else:
        code = Code.UNKNOWN_WORD
        guess = keyword.kind.meant.get(bare.lower()) or closest(bare, words)
        fix = did_you_mean(word.span, guess)
    tell(
        statement,
        keyword,
        findings,
        code,
        f"`{statement.name}` has no such value"
        if secret and code is Code.UNKNOWN_WORD
        else f"`{statement.name}` has no value `{word.shown}`",
        word,
        helps=() if fix else (f"`{statement.name}` takes {takes(keyword.kind)}",),
        fix=fix,
    )
    return None


def _toggle(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> Scalar | None:
    return _choice(statement, word, replace(keyword, kind=TOGGLE), findings)


def _weight(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> Scalar | None:
    """keepalived keeps one that is out of range, and stops at the ends of the priorities."""
    if not _INTEGER.match(word.text):
        tell_no_number(statement, word, keyword, findings)
        return None
    value = int(word.text)
    nearest = max(-WEIGHT_MAX, min(WEIGHT_MAX, value))
    if nearest != value:
        tell_out_of_range(statement, word, replace(keyword, default=f"{nearest} counts"), findings)
    reverse = [each.text for each in statement.arguments[1:2]] == ["reverse"]
    extra_words(statement, 2 if reverse else 1, findings, takes(keyword.kind))
    return Weight(nearest, reverse)


def _program(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> Scalar | None:
    """keepalived quotes a whole command by `'` too, which is a sign like others elsewhere."""
    assert isinstance(keyword.kind, Program)
    text, rest = word.text, statement.arguments[1:]
    if text.startswith("'") and not word.quoted:
        ends = [at for at, each in enumerate(statement.arguments) if each.text.endswith("'")]
        end = next((at for at in ends if at or len(text) > 1), len(statement.arguments) - 1)
        text = " ".join(each.text for each in statement.arguments[: end + 1]).strip("'")
        rest = statement.arguments[end + 1 :]
    try:
        argv = split_command(text) if keyword.kind.splits else (clean_text(word, findings),)
    except OpenQuote:
        what = f"a quote inside the command of `{statement.name}` is not closed"
        tell(statement, keyword, findings, Code.OPEN_QUOTE, what, word)
        return None
    if not argv or not argv[0]:
        tell(statement, keyword, findings, Code.MISSING_VALUE, f"`{statement.name}` is empty", word)
        return None
    allowed = 2 if keyword.kind.takes_user else 0
    used = len(statement.arguments) - len(rest)
    extra_words(statement, used + allowed, findings, takes(keyword.kind))
    user, group = (*(clean_text(each, findings) for each in rest[:allowed]), "", "")[:2]
    return Command(argv, user, group)


def _interface(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> Scalar | None:
    fault = interface_fault(word.text)
    if word.text == "lo":
        fault = "is the loopback: nobody else hears adverts on it"
    if fault is None:
        return word.text
    tell(statement, keyword, findings, Code.BAD_INTERFACE, f"`{word.shown}` {fault}", word)
    return None


def _address(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> Scalar | None:
    assert isinstance(keyword.kind, Address)
    address = bare_address(word, findings)
    if address is not None and keyword.kind.fits(address):
        return address
    bare = word.text.strip(";,")
    fix = did_you_mean(word.span, bare if bare != word.text and as_address(bare) else None)
    tell(
        statement,
        keyword,
        findings,
        Code.PUNCTUATION if fix else Code.BAD_ADDRESS,
        f"`{word.shown}` is no {'group' if keyword.kind.is_group else 'address'} for "
        f"`{statement.name}`",
        word,
        helps=() if fix else (f"`{statement.name}` takes {takes(keyword.kind)}",),
        fix=fix,
    )
    return None


def _text(statement: Statement, word: Word, keyword: Keyword, findings: Findings) -> Scalar | None:
    """Joined by blanks: `smtp_server 192.0.2.1 25`."""
    assert isinstance(keyword.kind, Text)
    words = statement.arguments[: keyword.kind.words]
    return " ".join(clean_text(argument, findings) for argument in words)


def clean_text(word: Word, findings: Findings) -> str:
    """A word that logs, mail and status can show, whatever bytes it has."""
    if word.text.isprintable():
        return word.text
    text = word.text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    shown = "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )
    findings.add(
        Code.BAD_TEXT,
        f"this is no plain text: it is read as `{shortened(shown)}`",
        word.span,
        helps=("remove the control character",) if text == word.text else ("save it as UTF-8",),
    )
    return shown


def _secret(
    statement: Statement, word: Word, keyword: Keyword, findings: Findings
) -> Scalar | None:
    if word.text == "":
        tell(statement, keyword, findings, Code.MISSING_VALUE, f"`{statement.name}` is empty", word)
        return None
    return word.text


Reader = Callable[[Statement, Word, Keyword, Findings], Scalar | None]
_READERS: dict[type, Reader] = {
    Integer: _integer,
    Seconds: _seconds,
    Choice: _choice,
    InterfaceName: _interface,
    Address: _address,
    Text: _text,
    Toggle: _toggle,
    Program: _program,
    WeightKind: _weight,
    Secret: _secret,
}

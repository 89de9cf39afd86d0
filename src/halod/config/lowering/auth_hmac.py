"""The `auth_hmac` block to keys and what is made of signatures.

Knows how a key is written: `hex:` and digits, `file:` and a path, or the bytes themselves. Must not
show a secret in any message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.auth_hmac import AUTH_HMAC
from halod.config.language.surroundings import Absent, SourceLoader
from halod.config.lexer import Word
from halod.config.reading import Values, read_section
from halod.config.tree import Statement
from halod.model.diagnostic import FindingSeverity, Span
from halod.model.hmac_policy import AntiReplay, HmacKey, HmacMode, HmacPolicy
from halod.model.printable import shortened
from halod.model.units import Duration

__all__ = ["lower_auth_hmac"]

SECRET_BYTES = range(32, 65)
"""Of a key (draft-cassen-vrrp-auth-hmac)."""
WINDOW_MIN = Duration.seconds(5)
IDENTIFIERS = range(1, 256)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+\Z")


def lower_auth_hmac(
    values: Values, interval: Duration, loader: SourceLoader, findings: Findings
) -> HmacPolicy | None:
    """None: adverts are not signed. A block that is there and cannot be used is refused: without
    signatures, or with others than are meant, no peer would hear this node."""
    blocks = [block for name, block in values.nested if name == "auth_hmac"]
    if not blocks:
        return None
    for before in blocks[:-1]:
        findings.add(
            Code.KEYWORD_TWICE,
            "`auth_hmac` stands twice in this instance: the last one counts",
            before.keyword.span,
            helps=("remove one of them",),
        )
    block = blocks[-1]
    found = read_section(block.children, AUTH_HMAC, findings)
    keys = _keys(found.get("key", list) or [], loader, findings)
    if not keys:
        if not found.attempted("key"):
            _refuse(findings, Code.INCOMPLETE, "`auth_hmac` has no `key`", block.keyword.span)
        return None
    active = found.get("active_key", int)
    if active is None and len(keys) > 1:
        what = "`auth_hmac` has several keys and no `active_key`"
        _refuse(findings, Code.INCOMPLETE, what, block.keyword.span)
        return None
    if active is not None and active not in {key.identifier for key in keys}:
        span = found.statement("active_key").arguments[0].span
        _refuse(findings, Code.INCOMPLETE, f"there is no `key {active}` to sign with", span)
        return None
    return HmacPolicy(
        keys=keys,
        active=keys[0].identifier if active is None else active,
        anti_replay=found.get("anti_replay", AntiReplay) or AntiReplay.TIME,
        window=found.get("time_window", Duration) or max(WINDOW_MIN, interval * 3),
        mode=found.get("mode", HmacMode) or HmacMode.ENFORCE,
    )


def _refuse(findings: Findings, code: Code, message: str, span: Span, help_: str = "") -> None:
    findings.add(
        code, message, span, severity=FindingSeverity.REFUSE, helps=(help_,) if help_ else ()
    )


def _keys(
    lines: Iterable[Statement], loader: SourceLoader, findings: Findings
) -> tuple[HmacKey, ...]:
    keys: dict[int, HmacKey] = {}
    for line in lines:
        key = _key(line, loader, findings)
        if key is None:
            continue
        if key.identifier in keys:
            what = f"there is a `key {key.identifier}` already"
            _refuse(findings, Code.SAME_NAME, what, line.keyword.span)
            continue
        keys[key.identifier] = key
    return tuple(keys.values())


def _key(line: Statement, loader: SourceLoader, findings: Findings) -> HmacKey | None:
    if len(line.arguments) < 2:
        what = "a `key` needs a number and the key"
        help_ = "write `key 1 hex:` and 64 hexadecimal digits; `openssl rand -hex 32` makes some"
        _refuse(findings, Code.MISSING_VALUE, what, line.keyword.span, help_)
        return None
    number, word = line.arguments[:2]
    if not (number.text.isascii() and number.text.isdigit() and int(number.text) in IDENTIFIERS):
        # Not shown: it may be the key itself, its number forgotten.
        what = "the word behind `key` is no number from 1 to 255"
        _refuse(findings, Code.OUT_OF_RANGE, what, number.span)
        return None
    secret = _secret(word, loader, findings)
    if secret is None:
        return None
    if len(secret) not in SECRET_BYTES:
        what = f"key {number.text} has {len(secret)} bytes, and 32 to 64 are needed"
        _refuse(findings, Code.OUT_OF_RANGE, what, word.span, "`openssl rand -hex 32` makes one")
        return None
    return HmacKey(int(number.text), secret)


def _secret(word: Word, loader: SourceLoader, findings: Findings) -> bytes | None:
    text = word.text
    if text.startswith("file:"):
        path = text.removeprefix("file:")
        read = loader.read(path)
        if isinstance(read, Absent):
            what = f"the key file {shortened(path)} {read.reason}"
            _refuse(findings, Code.NOT_INCLUDED, what, word.span, read.suggestion)
            return None
        text = read.strip("\n")
    if not text.startswith("hex:"):
        return text.encode("utf-8", "surrogateescape")
    digits = text.removeprefix("hex:")
    if not _HEX.match(digits):
        what = "what stands behind `hex:` are no pairs of hexadecimal digits"
        _refuse(findings, Code.NOT_A_NUMBER, what, word.span)
        return None
    return bytes.fromhex(digits)

"""UDP_CHECK.

Knows how its bytes are written. Must not know how they are sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.reading import Values
from halod.config.tree import Statement
from halod.model.check import CheckTiming, Connection, UdpCheck
from halod.model.diagnostic import FindingSeverity, Span

__all__ = ["lower_udp"]

_DIGITS = re.compile(r"(?:[0-9a-fA-F]{2})+\Z")
_ANSWER = re.compile(r"(?:[0-9a-fA-FxX]{2})+\Z")
_FORM = "two hexadecimal digits a byte"


def lower_udp(
    values: Values, timing: CheckTiming, connection: Connection, findings: Findings
) -> UdpCheck:
    """With what is sent, and how an answer must begin."""
    check = UdpCheck(
        timing=timing,
        connection=connection,
        payload=_payload(values, findings),
        reply_length_min=values.get("min_reply_length", int) or 0,
        reply_length_max=values.get_or("max_reply_length", 255),
    )
    lines: Sequence[Statement] = values.get("require_reply", list) or []
    if not lines:
        return check
    reply, mask = _answer(lines[-1], findings)
    return replace(check, require_reply=True, reply=reply, reply_mask=mask)


def _payload(values: Values, findings: Findings) -> bytes | None:
    if not values.has("payload"):
        return None
    words = values.statement("payload").arguments
    text = "".join(word.text for word in words)
    if _DIGITS.match(text) is None:
        _tell(words[0].span, "payload", "random bytes are sent", findings)
        return None
    return bytes.fromhex(text)


def _answer(line: Statement, findings: Findings) -> tuple[bytes | None, bytes | None]:
    """`XX` stands for any byte, and `X` for any four bits of one."""
    text = "".join(word.text for word in line.arguments)
    if not text:
        return None, None
    if _ANSWER.match(text) is None:
        _tell(line.arguments[0].span, "require_reply", "any answer is right", findings)
        return None, None
    return (
        bytes.fromhex(re.sub(r"[xX]", "0", text)),
        bytes.fromhex(re.sub(r"[^xX]", "f", text).replace("x", "0").replace("X", "0")),
    )


def _tell(span: Span, keyword: str, outcome: str, findings: Findings) -> None:
    findings.add(
        Code.BAD_TEXT,
        f"`{keyword}` is written in hexadecimal digits, {_FORM}: {outcome}",
        span,
        severity=FindingSeverity.IGNORED,
    )

"""One IP address as a word of a file.

Knows how addresses are written, and what keepalived leaves off. Must not know keywords.
"""

from __future__ import annotations

from ipaddress import ip_address

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lexer import Word
from halod.model.address import IpAddress
from halod.model.diagnostic import Applicability, Fix

__all__ = ["as_address", "bare_address"]


def as_address(text: str) -> IpAddress | None:
    """An address of either family, without a mask and without a zone; None: it is none."""
    try:
        return None if "%" in text else ip_address(text)
    except ValueError:
        return None


def bare_address(word: Word, findings: Findings) -> IpAddress | None:
    """An address; a mask behind it is told and left off, as keepalived leaves it off."""
    text, slash, _ = word.text.partition("/")
    address = as_address(text)
    if address is not None and slash:
        findings.add(
            Code.EXTRA_WORD,
            f"the mask of `{word.shown}` has no effect: one address is meant",
            word.span,
            fix=Fix(word.span, text, Applicability.SAFE, f"write `{text}`"),
        )
    return address

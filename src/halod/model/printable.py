"""Text of a file made safe for a terminal.

Knows control characters. Must not know what the text is.
"""

from __future__ import annotations

__all__ = ["printable"]

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """Escape sequences and bidirectional tricks shown as what they are: a tab stays one blank."""
    return "".join(
        " " if sign == "\t" else sign if sign.isprintable() else REPLACEMENT for sign in text
    )

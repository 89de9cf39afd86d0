"""Text of a file made safe for a terminal.

Knows control characters and how wide signs stand. Must not know what the text is.
"""

from __future__ import annotations

from unicodedata import combining, east_asian_width

__all__ = ["SHOWN_MAX", "columns", "end_of_path", "printable", "shortened"]

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
SHOWN_MAX = 48
"""Characters of a word that a sentence shows: more belongs to the excerpt."""


def printable(text: str) -> str:
    """Escape sequences and bidirectional tricks shown as what they are: a tab stays one blank."""
    return "".join(
        " " if sign == "\t" else sign if sign.isprintable() else REPLACEMENT for sign in text
    )


def columns(text: str) -> int:
    """How many columns of a terminal a printable text takes: a Chinese sign takes two."""
    return sum(
        0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text
    )


def shortened(text: str) -> str:
    """The beginning of a word that is too long for a sentence."""
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 1]}…"


def end_of_path(path: str) -> str:
    """The end of a path that is too long for a sentence: there the file's own name stands."""
    return path if len(path) <= SHOWN_MAX else f"…{path[1 - SHOWN_MAX :]}"

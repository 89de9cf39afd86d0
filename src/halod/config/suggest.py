"""The word that was probably meant.

Knows likeness, also of signs that look like ASCII. Must not know keywords.
"""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import name as name_of_sign
from unicodedata import normalize

__all__ = ["closest", "foreign_sign", "plain_ascii"]

LIKENESS_MIN = 0.7
"""Below this a suggestion misleads more often than it helps."""
LENGTH_MAX = 64
"""No keyword is longer; comparing megabytes would only take time."""


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that looks most like the word, letter case aside; None: nothing does.

    Of short words one letter is too much of the likeness; `tpc` has those of `tcp`.
    """
    if len(word) > LENGTH_MAX:
        return None
    # Here alone: a daemon whose file has no slip does without it.
    from difflib import get_close_matches

    by_lower = {candidate.lower(): candidate for candidate in candidates}
    bare = word.lower().strip(";:=,.").replace("-", "_")
    matches = get_close_matches(bare, by_lower, n=1, cutoff=LIKENESS_MIN)
    if matches:
        return by_lower[matches[0]]
    swapped = (each for each in by_lower if sorted(each) == sorted(bare))
    match = next(swapped, None)
    return None if match is None else by_lower[match]


def plain_ascii(text: str) -> str | None:
    """What it looks like in ASCII: no-break and full-width signs; None: it is, or has none."""
    if len(text) > LENGTH_MAX or text.isascii():
        return None
    plain = normalize("NFKC", text)
    return plain if plain.isascii() else None


def foreign_sign(text: str) -> str:
    """Name and number of the first sign that is no ASCII."""
    sign = next(sign for sign in text if not sign.isascii())
    return f"{name_of_sign(sign, 'a sign')} (U+{ord(sign):04X})"

"""The word that was probably meant.

Knows likeness. Must not know keywords.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["closest"]

LIKENESS_MIN = 0.7
"""Below this a suggestion misleads more often than it helps."""
LENGTH_MAX = 64
"""No keyword is longer; comparing megabytes would only take time."""


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that looks most like the word, letter case aside; None: nothing does."""
    if len(word) > LENGTH_MAX:
        return None
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    bare = word.lower().strip(";:=,.").replace("-", "_")
    matches = get_close_matches(bare, by_lower, n=1, cutoff=LIKENESS_MIN)
    return by_lower[matches[0]] if matches else None

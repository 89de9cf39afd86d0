"""Which files an `include` names, and which of them must be there.

Knows its six spellings, `include_check` and braces. Must not read a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Flag, auto

__all__ = [
    "ALL_CHECKS",
    "INCLUDE",
    "Check",
    "changed_checks",
    "has_wildcard",
    "in_braces",
    "include_checks",
]

INCLUDE = re.compile(r"(include[rmwba]?)[ \t]+(?=[^ \t])")
PATTERNS_MAX = 1000
"""Names that braces may stand for: nested ones multiply."""
LENGTH_MAX = 4096
"""PATH_MAX: the kernel takes no longer name."""


class Check(Flag):
    """What makes a missing file a mistake that stops the start."""

    NONE = 0
    READABLE = auto()
    MATCH = auto()
    WILDCARD_MATCH = auto()
    BRACE_MATCH = auto()


ALL_CHECKS = Check.READABLE | Check.MATCH | Check.WILDCARD_MATCH | Check.BRACE_MATCH
_OF_KEYWORD = {
    "include": Check.NONE,
    "includer": Check.READABLE,
    "includem": Check.READABLE | Check.MATCH,
    "includew": Check.READABLE | Check.MATCH | Check.WILDCARD_MATCH,
    "includeb": Check.READABLE | Check.BRACE_MATCH,
    "includea": ALL_CHECKS,
}
_OF_OPTION = {
    "readable": Check.READABLE,
    "match": Check.READABLE | Check.MATCH,
    "wildcard_match": Check.READABLE | Check.WILDCARD_MATCH,
    "brace_match": Check.READABLE | Check.BRACE_MATCH,
}


def include_checks(keyword: str) -> Check:
    """Of one spelling of `include`."""
    return _OF_KEYWORD[keyword]


def changed_checks(checks: Check, options: Iterable[str]) -> tuple[Check, str | None]:
    """What `include_check` makes of the checks in force, and the first option it does not know."""
    words = list(options)
    if not words:
        return ALL_CHECKS, None
    if not words[0].startswith(("+", "-")):
        checks = Check.NONE
    for word in words:
        option = _OF_OPTION.get(word.lstrip("+-"))
        if option is None:
            return checks, word
        if word.startswith("-"):
            checks &= ~(option & ~Check.READABLE or option)
        else:
            checks |= option
    return checks, None


def in_braces(pattern: str) -> list[str] | None:
    """`a{b,c}` is `ab` and `ac`, as csh(1) reads it; None: too many, or too long to be a name."""
    if len(pattern) > LENGTH_MAX:
        return None
    done: list[str] = []
    waiting = [pattern]
    while waiting:
        if len(done) + len(waiting) > PATTERNS_MAX:
            return None
        one = waiting.pop()
        parts = _first_braces(one)
        if parts is None:
            done.append(one)
        else:
            before, choices, behind = parts
            waiting.extend(f"{before}{choice}{behind}" for choice in reversed(choices))
    return done


def _first_braces(pattern: str) -> tuple[str, list[str], str] | None:
    """What stands before, in and behind the first pair; `{}` and one without its end are plain."""
    waiting: list[tuple[int, list[int]]] = []
    pairs: list[tuple[int, list[int], int]] = []
    for at, sign in enumerate(pattern):
        if sign == "{":
            waiting.append((at, []))
        elif sign == "," and waiting:
            waiting[-1][1].append(at)
        elif sign == "}" and waiting:
            begin, commas = waiting.pop()
            if at > begin + 1:
                pairs.append((begin, commas, at))
    if not pairs:
        return None
    begin, commas, end = min(pairs)
    starts = [begin, *commas]
    ends = [*commas, end]
    choices = [pattern[left + 1 : right] for left, right in zip(starts, ends, strict=True)]
    return pattern[:begin], choices, pattern[end + 1 :]


def has_wildcard(pattern: str) -> bool:
    """Whether a missing file is no surprise."""
    return any(sign in pattern for sign in "*?[")

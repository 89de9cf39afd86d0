"""`regex` and `regex_options` of a page: keepalived's are PCRE2's, halod's are Python's.

Knows where the two differ, and writes one as the other. Must not know what is matched.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

__all__ = ["PageRegex", "compile_regex", "unsupported_options"]

PATTERNS_MAX = 512
"""Kept compiled."""

_FLAGS = {
    "caseless": re.IGNORECASE,
    "dotall": re.DOTALL,
    "extended": re.VERBOSE,
    "multiline": re.MULTILINE,
}
_ELSEWHERE = frozenset({"utf", "ucp", "firstline", "dollar_endonly"})
"""Honoured by how the text is read, or by how the expression is written."""
_WITHOUT_EFFECT = frozenset(
    {
        "auto_callout",
        "never_backslash_c",
        "never_ucp",
        "never_utf",
        "no_auto_capture",
        "no_auto_possess",
        "no_dotstar_anchor",
        "no_start_optimize",
        "use_offset_limit",
        "alt_verbnames",
    }
)
"""These change how PCRE2 works or what it lets be written, and not what matches."""

_ESCAPES = {r"\z": r"\Z", r"\Z": r"(?=\n?\Z)", r"\h": r"[ \t]", r"\R": r"(?:\r\n|\n|\r)"}
_CLASS_ESCAPES = {r"\h": r" \t"}
_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\s",
    "upper": "A-Z",
    "word": r"\w",
    "xdigit": "0-9A-Fa-f",
}
_POSIX_CLASS = re.compile(r"\[:([a-z]+):\]")

PageRegex = re.Pattern[bytes] | re.Pattern[str]
"""For bytes; with `utf` or `ucp` for text."""


def unsupported_options(options: frozenset[str]) -> frozenset[str]:
    """Those that Python's engine has nothing like, and those that nobody knows."""
    return options - _FLAGS.keys() - _WITHOUT_EFFECT - _ELSEWHERE


@lru_cache(maxsize=PATTERNS_MAX)
def compile_regex(regex: str, options: frozenset[str]) -> PageRegex:
    """re.error where it is none, or one that PCRE2 alone has."""
    flags = 0
    for option in options:
        flags |= _FLAGS.get(option, 0)
    endonly = "dollar_endonly" in options and "multiline" not in options
    written = _as_python(regex, endonly=endonly)
    with warnings.catch_warnings():
        # Of signs that may mean sets within sets in some later Python.
        warnings.simplefilter("ignore", FutureWarning)
        if "utf" in options or "ucp" in options:
            return re.compile(written, flags | (0 if "ucp" in options else re.ASCII))
        return re.compile(written.encode("utf-8", "replace"), flags)


def _as_python(regex: str, *, endonly: bool) -> str:
    out: list[str] = []
    at = 0
    while at < len(regex):
        sign = regex[at]
        if sign == "\\":
            pair = regex[at : at + 2]
            out.append(_ESCAPES.get(pair, pair))
            at += 2
        elif sign == "[":
            text, at = _class(regex, at)
            out.append(text)
        else:
            out.append(r"\Z" if sign == "$" and endonly else sign)
            at += 1
    return "".join(out)


def _class(regex: str, at: int) -> tuple[str, int]:
    """A set of signs in brackets, and where it ends."""
    out = ["["]
    at += 1
    if regex[at : at + 1] == "^":
        out.append("^")
        at += 1
    if regex[at : at + 1] == "]":
        out.append(r"\]")
        at += 1
    while at < len(regex):
        sign = regex[at]
        posix = _POSIX_CLASS.match(regex, at)
        if posix is not None and posix[1] in _POSIX:
            out.append(_POSIX[posix[1]])
            at = posix.end()
        elif sign == "\\":
            pair = regex[at : at + 2]
            out.append(_CLASS_ESCAPES.get(pair, pair))
            at += 2
        elif sign == "]":
            out.append(sign)
            return "".join(out), at + 1
        else:
            out.append(r"\[" if sign == "[" else sign)
            at += 1
    return "".join(out), at

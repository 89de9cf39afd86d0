"""`regex` of a page: whether its text matches, in bounded time.

Knows PCRE2's options in Python's words. Must not know where the text comes from. The expression is
the operator's, the text the peer's: together they may take for ever ("catastrophic backtracking"),
so the match is ended after MATCH_MAX_S of processor time. Python's engine looks for signals while
it matches, and the timer's raises there.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import FrameType

from halod.checker.outcome import AnswerError, CannotAskError
from halod.model.check import HttpPage

__all__ = ["MATCH_MAX_S", "compiled", "judge_text", "unsupported_options"]

MATCH_MAX_S = 0.05
"""Processor time of one match: other checks wait as long. 1 MiB is searched in 1 to 10 ms."""
PATTERNS_MAX = 512
"""Kept compiled."""

_FLAGS = {
    "caseless": re.IGNORECASE,
    "dotall": re.DOTALL,
    "extended": re.VERBOSE,
    "multiline": re.MULTILINE,
}
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
_ELSEWHERE = frozenset({"utf", "ucp", "firstline", "dollar_endonly"})
"""Honoured by how the text is read or the expression is written."""


class _TooLongError(Exception):
    pass


def unsupported_options(options: frozenset[str]) -> frozenset[str]:
    """Those that Python's engine has nothing like."""
    return options - _FLAGS.keys() - _WITHOUT_EFFECT - _ELSEWHERE


@lru_cache(maxsize=PATTERNS_MAX)
def compiled(
    regex: str, options: frozenset[str]
) -> tuple[re.Pattern[bytes] | None, re.Pattern[str] | None]:
    """For bytes or, with `utf`, for text. re.error where it is no expression of Python's."""
    flags = 0
    for option in options:
        flags |= _FLAGS.get(option, 0)
    if "dollar_endonly" in options and "multiline" not in options:
        regex = re.sub(r"(?<!\\)\$", r"\\Z", regex)
    if "utf" in options or "ucp" in options:
        return None, re.compile(regex, flags | (0 if "ucp" in options else re.ASCII))
    return re.compile(regex.encode(), flags), None


def judge_text(page: HttpPage, text: bytes) -> str:
    """What came, where it was as wanted; else AnswerError."""
    try:
        of_bytes, of_text = compiled(page.regex, page.regex_options)
    except (re.error, OverflowError, RecursionError) as error:
        raise CannotAskError(f"regex {page.regex!r}: {error}") from None
    try:
        with _limited():
            if of_text is not None:
                at = _found(of_text.search(text.decode("utf-8", "replace"), page.regex_min_offset))
            else:
                assert of_bytes is not None
                at = _found(of_bytes.search(text, page.regex_min_offset))
    except _TooLongError:
        raise AnswerError(
            f"the regex was not done with its {len(text)} bytes in {MATCH_MAX_S * 1000:.0f} ms: "
            "it has nested repetitions, most likely"
        ) from None
    if at is not None and page.regex_max_offset and at > page.regex_max_offset:
        at = None
    if at is not None and "firstline" in page.regex_options and b"\n" in text[:at]:
        at = None
    if (at is None) is page.regex_no_match:
        return "regex does not match" if at is None else f"regex matches at {at}"
    if at is None:
        raise AnswerError(f"the regex matches nowhere in its {len(text)} bytes, wanted a match")
    raise AnswerError(f"the regex matches at byte {at}, wanted no match")


def _found(match: re.Match[bytes] | re.Match[str] | None) -> int | None:
    return None if match is None else match.start()


def _raise(number: int, frame: FrameType | None) -> None:
    raise _TooLongError


@contextmanager
def _limited() -> Iterator[None]:
    """Of the main thread."""
    before = signal.signal(signal.SIGVTALRM, _raise)
    signal.setitimer(signal.ITIMER_VIRTUAL, MATCH_MAX_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)

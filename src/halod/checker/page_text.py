"""`regex` of a page: whether its text matches, in bounded time.

Knows what a match is worth. Must not know where the text comes from. The expression is
the operator's, the text the peer's: together they may take for ever ("catastrophic backtracking"),
so the match is ended after MATCH_MAX_S of processor time. Python's engine looks for signals while
it matches, and the timer's raises there.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from halod.checker.outcome import AnswerError, CannotAskError
from halod.model.check import HttpPage
from halod.model.page_regex import PageRegex, compile_regex

__all__ = ["MATCH_MAX_S", "judge_text"]

MATCH_MAX_S = 0.05
"""Processor time of one match: other checks wait as long. 1 MiB is searched in 1 to 10 ms."""


class _TooLongError(Exception):
    pass


def judge_text(page: HttpPage, text: bytes) -> str:
    """What came, where it was as wanted; else AnswerError."""
    try:
        regex = compile_regex(page.regex, page.regex_options)
    except (re.error, OverflowError, RecursionError) as error:
        raise CannotAskError(f"regex {page.regex!r}: {error}") from None
    try:
        with _limited():
            at = _search(regex, text, page.regex_min_offset)
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


def _search(regex: PageRegex, text: bytes, first: int) -> int | None:
    """Where it matches first. Of text the places are those of its signs, not of its bytes."""
    if isinstance(regex.pattern, bytes):
        match = regex.search(text, first)
        return None if match is None else match.start()
    signs = regex.search(text.decode("utf-8", "replace"), first)
    return None if signs is None else signs.start()


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

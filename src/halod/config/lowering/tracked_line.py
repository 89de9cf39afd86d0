"""One line of a `track_...` block: `NAME [weight N [reverse]]`.

Knows the words, as keepalived reads them. Must not know what the name stands for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from halod.config.codes import Code
from halod.config.findings import Findings, did_you_mean
from halod.config.lexer import Word
from halod.config.suggest import closest
from halod.config.tree import Statement

__all__ = ["TrackedLine", "read_tracked_line"]

WEIGHT_MAX = 253
"""From the least priority of a weight to the highest, 1 to 254."""
_NUMBER = re.compile(r"[+-]?[0-9]{1,10}\Z")


@dataclass(frozen=True, slots=True)
class TrackedLine:
    """What one line says."""

    name: Word
    """Of the tracker."""
    weight: int | None
    """None: not written, so that of the tracker's own block counts."""
    reverse: bool = False
    weight_at: Word | None = None
    """The number as written."""


def read_tracked_line(
    line: Statement, findings: Findings, weight_max: int = WEIGHT_MAX
) -> TrackedLine:
    """The line; what cannot be used is told, and the line counts without it."""
    name = line.keyword
    words = list(line.arguments)
    if not words:
        return TrackedLine(name, None)
    word = words.pop(0)
    if word.text != "weight":
        _unknown(word, name, "weight", findings)
        return TrackedLine(name, None)
    if not words:
        findings.add(
            Code.MISSING_VALUE,
            f"`weight` has no value: `{name.shown}` is tracked without a weight",
            word.span,
            helps=("a failure is FAULT then; write the number if another thing is meant",),
        )
        return TrackedLine(name, None)
    number = words.pop(0)
    weight = _weight(number, name, weight_max, findings)
    reverse = bool(words) and words[0].text == "reverse"
    rest = words[1:] if reverse else words
    if rest:
        _unknown(rest[0], name, "" if reverse else "reverse", findings)
    return TrackedLine(name, weight, reverse, number)


def _weight(number: Word, name: Word, weight_max: int, findings: Findings) -> int | None:
    if not _NUMBER.match(number.text):
        findings.add(
            Code.NOT_A_NUMBER,
            f"`{number.shown}` is no weight: `{name.shown}` is tracked without one",
            number.span,
            helps=(f"a weight is a whole number from -{weight_max} to {weight_max}",),
        )
        return None
    weight = int(number.text)
    if abs(weight) <= weight_max:
        return weight
    limited = weight_max if weight > 0 else -weight_max
    findings.add(
        Code.OUT_OF_RANGE,
        f"the weight {weight} is out of range: {limited} counts",
        number.span,
        helps=("a priority goes from 1 to 254: no weight moves it farther",),
    )
    return limited


def _unknown(word: Word, name: Word, expected: str, findings: Findings) -> None:
    """keepalived skips the rest of the line."""
    meant = closest(word.text, (expected,)) if expected else None
    helps: tuple[str, ...] = ()
    if meant is None:
        helps = (
            ("write `weight` before the number",)
            if _NUMBER.match(word.text)
            else ("one a line, as in `NAME weight -20`",)
        )
    findings.add(
        Code.UNKNOWN_WORD,
        f"`{word.shown}` means nothing behind `{name.shown}`: the rest of the line has no effect",
        word.span,
        helps=helps,
        fix=did_you_mean(word.span, meant),
    )

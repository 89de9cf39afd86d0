"""`~SEQ(...)` and `~LST(...)`: which names get which values, one round after the other.

Knows their grammar, as keepalived reads it. Must not expand a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["BadSequenceError", "Rounds", "is_sequence", "read_sequence"]

_BLANK = " \t"
_HEAD = re.compile(r"~(?:SEQ(?P<hex>x?)|(?P<list>LST))[ \t]*\(")
_NAME = r"[^ \t,(){}]+"
_SEQUENCE = re.compile(rf"[ \t]*({_NAME})[ \t]*,([^)]*)\)")
_NUMBER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]{1,15}|[0-9]{1,18})?\Z")
_NAMES = re.compile(
    rf"[ \t]*(?:({_NAME})|{{([ \t]*{_NAME}(?:[ \t]*,[ \t]*{_NAME})*[ \t]*)}})[ \t]*,"
)
_VALUE = r"[^ \t,(){}]*"
_VALUES = re.compile(rf"[ \t]*(?:{{([^{{}}()]*)}}|({_VALUE}))[ \t]*([,)])")


class BadSequenceError(Exception):
    """What is wrong with it, as a clause."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """What a sequence makes of the rest of its line."""

    head: int
    """Characters up to the closing bracket: the rest is repeated."""
    count: int
    names: tuple[str, ...]
    values: range | tuple[tuple[str, ...], ...]
    hexadecimal: bool = False

    @property
    def is_of_numbers(self) -> bool:
        """Whether its values are numbers, whatever the round."""
        return isinstance(self.values, range)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """The values of one round."""
        if isinstance(self.values, range):
            form = "x" if self.hexadecimal else "d"
            yield from ((format(number, form),) for number in self.values)
        else:
            yield from self.values


def is_sequence(text: str) -> bool:
    """Whether a line begins with one, however badly written."""
    return text.startswith(("~SEQ", "~LST"))


def read_sequence(text: str) -> Rounds:
    """The sequence that a line begins with. Raises BadSequenceError."""
    head = _HEAD.match(text)
    if head is None:
        raise BadSequenceError("a `(` belongs behind its name")
    if head["list"]:
        return _list(text, head.end())
    return _sequence(text, head.end(), hexadecimal=bool(head["hex"]))


def _sequence(text: str, begin: int, *, hexadecimal: bool) -> Rounds:
    found = _SEQUENCE.match(text, begin)
    if found is None:
        raise BadSequenceError("it takes a name, then START, STEP and END, and a `)`")
    numbers = [_number(word) for word in found[2].split(",")]
    match numbers:
        case [end]:
            start, step = (-1 if end < 0 else 1), (-1 if end < 1 else 1)
        case [start, end]:
            step = 1 if start <= end else -1
        case [start, step, end]:
            if step == 0:
                raise BadSequenceError("a step of 0 never ends")
            if (end - start) * step < 0:
                raise BadSequenceError(f"steps of {step} do not lead from {start} to {end}")
        case _:
            raise BadSequenceError("it takes at most START, STEP and END")
    if hexadecimal and min(start, end) < 0:
        raise BadSequenceError("`~SEQx` has no numbers below 0")
    values = range(start, end + (1 if step > 0 else -1), step)
    return Rounds(found.end(), len(values), (found[1],), values, hexadecimal)


def _number(word: str) -> int:
    """As strtol(3) with base 0: `0x1f` is hexadecimal, `017` octal, nothing at all is 0."""
    word = word.strip(_BLANK)
    if not _NUMBER.match(word):
        raise BadSequenceError(f"`{word}` is no number")
    digits = word.lstrip("+-")
    try:
        octal = digits.startswith("0") and digits.isdigit()
        number = int(digits or "0", 8 if octal else 0)
    except ValueError:
        raise BadSequenceError(f"`{word}` is no octal number") from None
    return -number if word.startswith("-") else number


def _list(text: str, begin: int) -> Rounds:
    head = _NAMES.match(text, begin)
    if head is None:
        raise BadSequenceError("it takes a name, or several in braces, then a comma and its values")
    names = tuple(name.strip(_BLANK) for name in (head[1] or head[2]).split(","))
    rounds: list[tuple[str, ...]] = []
    at = head.end()
    while True:
        found = _VALUES.match(text, at)
        if found is None:
            raise BadSequenceError(
                "its values are words between commas, without quotes, up to a `)`"
            )
        at = found.end()
        several = found[1] is not None
        values = [value.strip(_BLANK) for value in (found[1] if several else found[2]).split(",")]
        if len(values) > len(names):
            raise BadSequenceError(f"{len(values)} values stand beside {len(names)} names")
        rounds.append((*values, *[""] * (len(names) - len(values))))
        if found[3] == ")":
            return Rounds(at, len(rounds), names, tuple(rounds))

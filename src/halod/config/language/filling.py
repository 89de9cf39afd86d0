"""A line with what its names stand for.

Knows late definitions: a value may hold names. Must not know conditions, sequences or files.
"""

from __future__ import annotations

import re

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.language.definitions import USE, Definitions
from halod.config.language.limits import LINE_MAX, SUBSTITUTIONS_MAX, LimitReachedError
from halod.config.language.traced import Traced, joined
from halod.model.diagnostic import Span
from halod.model.printable import shortened

__all__ = ["Filling"]

SEQUENCE = "~"
DRAWN = "_RANDOM"
"""The name whose value is another each time."""


class Filling:
    """Fills in names."""

    def __init__(self, definitions: Definitions, findings: Findings) -> None:
        self._definitions = definitions
        self._findings = findings

    def filled(self, line: Traced) -> tuple[Traced, tuple[Traced, ...]]:
        """The line, itself where it has no name; and the lines that follow it by a definition."""
        if "$" not in line.text:
            return line, ()
        at_once = self._at_once(line)
        return self._step_by_step(line) if at_once is None else (at_once, ())

    def _at_once(self, line: Traced) -> Traced | None:
        """Where no value holds a name, nor more than a line: nearly always."""
        pieces: list[Traced] = []
        end = 0
        for use in USE.finditer(line.text):
            if use[1] == DRAWN:
                # Where this way is given up, the number would be drawn twice.
                return None
            found = self._definitions.lookup(use, _place(line, use))
            if found is None:
                continue
            (first, *_), multiline = found
            if multiline or not first.text or "$" in first.text or first.text[0] == SEQUENCE:
                return None
            pieces += [line.cut(end, use.start()), first]
            end = use.end()
        if not pieces:
            return line
        whole = joined([*pieces, line.cut(end)])
        _check_length(len(whole.text), line.span(0, len(line.text)))
        return whole

    def _step_by_step(self, line: Traced) -> tuple[Traced, tuple[Traced, ...]]:
        behind: tuple[Traced, ...] = ()
        filled: list[Traced] = []
        """What stands in front of `line`: no use begins there any more, and nothing looks at it."""
        length = at = count = 0
        while use := USE.search(line.text, at):
            place = _place(line, use)
            found = self._definitions.lookup(use, place)
            if found is None or (found[1] and use.end() != len(line.text)):
                at = use.start() + 1
                continue
            count += 1
            if count > SUBSTITUTIONS_MAX:
                raise LimitReachedError(
                    f"more than {SUBSTITUTIONS_MAX:,} names are filled in on one line",
                    place,
                    "a definition must not lead back to itself",
                )
            (first, *rest), _ = found
            if not first.text and use[1] == "_ENV":
                self._tell_unset(use, place)
            filled.append(line.cut(0, use.start()))
            length += use.start()
            line = joined([first, line.cut(use.end())])
            behind = (*rest, *behind)
            at = 0
            _check_length(length + len(line.text), place)
            if first.text.startswith(SEQUENCE):
                # The names behind a sequence are filled in later, in each of its rounds.
                break
        return joined([*filled, line]) if filled else line, behind

    def _tell_unset(self, use: re.Match[str], place: Span) -> None:
        self._findings.add(
            Code.UNDEFINED,
            f"the environment has no `{shortened(use[2].strip())}`: nothing stands here",
            place,
            helps=("set it where the daemon is started: `Environment=` in its unit",),
        )


def _place(line: Traced, use: re.Match[str]) -> Span:
    span = line.span(use.start(), use.end())
    return Span(span.file, span.line, span.column, span.length)


def _check_length(length: int, place: Span) -> None:
    if length > LINE_MAX:
        raise LimitReachedError(
            f"the line grows beyond {LINE_MAX:,} characters",
            place,
            "a definition must not lead back to itself",
        )

"""From the text of a file to the lines that are in force, each with its place.

Knows in which order keepalived treats a line: comment, condition, definition, sequence, names,
include, words. Must not know any other keyword, nor read a file: a loader is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from halod.config.body import Bodies, Contents
from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.language.comments import BLANKS, uncommented
from halod.config.language.definitions import CONTINUED, DEFINITION, Definition, Definitions
from halod.config.language.filling import Filling
from halod.config.language.inclusion import Inclusion
from halod.config.language.limits import DEPTH_MAX, KEPT_MAX, Budget, LimitReachedError
from halod.config.language.recurring import STARTS_AGAIN, Recurring
from halod.config.language.sequences import (
    BadSequenceError,
    Rounds,
    is_sequence,
    read_sequence,
)
from halod.config.language.surroundings import Surroundings
from halod.config.language.traced import Traced, literal, made
from halod.config.language.undefined import tell_undefined
from halod.config.lexer import (
    OWN_CONDITION,
    Line,
    condition_of,
    plain_words,
    read_words,
    without_mark,
)
from halod.config.tree import names_secret, secret_start
from halod.model.diagnostic import Span

__all__ = ["Expansion"]

SEED_DIGITS_MAX = 18
"""More than any seed has."""

_Sequence = tuple[Rounds, Traced, Span, Traced]
"""Its rounds, what stands before the rest of the line, the place of that, and the rest."""


class Expansion:
    """One reading of a file and of what it includes."""

    def __init__(
        self,
        surroundings: Surroundings,
        findings: Findings,
        bodies: Bodies | None = None,
        *,
        kept_max: int = KEPT_MAX,
    ) -> None:
        """`bodies`: blocks may come as a whole; None: every line comes."""
        self._findings = findings
        self._bodies = bodies
        self._config_id = surroundings.config_id
        self._budget = Budget()
        self._definitions = Definitions(surroundings)
        self._filling = Filling(self._definitions, findings)
        self._inclusion = Inclusion(surroundings, self._budget, findings)
        self._depth = 0
        self._kept_max = kept_max
        self._recurring = Recurring(self._definitions, findings, kept_max=kept_max)
        self._sequences: dict[int, tuple[Traced, _Sequence]] = {}
        """Those that read the same each time; the line beside each keeps its id from others."""
        self._places: dict[Span, Span] = {}
        """Of sequences: one object for each place."""
        self.sources: dict[str, str] = {}
        """Every file that was read, by its name."""
        self.given_up = False
        """A limit was reached: the rest was not read."""
        self.secrets: set[Span] = set()
        """Values of definitions that look like secrets, used or not."""

    def lines(self, file: str, text: str) -> Iterator[Line]:
        """All lines that are in force, in order."""
        try:
            yield from self._file(file, text, own=False)
        except LimitReachedError as limit:
            self.given_up = True
            self._findings.add(
                Code.EXPANSION_LIMIT, str(limit), limit.place, helps=(limit.suggestion,)
            )

    def _file(self, file: str, text: str, *, own: bool) -> Iterator[Line]:
        self.sources[file] = text
        folder = self._definitions.folder
        self._definitions.folder = PurePosixPath(file).parent
        # Behind `@halod` stand halod's own keywords: a body says nothing of that.
        contents = Contents(without_mark(text), None if own else self._bodies)
        lines = iter(contents)
        physical = (literal(file, number, content) for number, content in lines)
        for number, content in lines:
            block = contents.take_block(file, number, content)
            if block is not None:
                yield Line((), block=block)
                continue
            words = plain_words(file, number, content)
            if words is not None:
                # Most lines: they say what they say.
                if words:
                    yield Line(words, own, body=contents.take_body())
                continue
            plain, comment = uncommented(literal(file, number, content))
            yield from self._line(plain, comment, own, physical)
        self._definitions.folder = folder

    def _line(
        self, plain: Traced, comment: Span | None, own: bool, following: Iterator[Traced]
    ) -> Iterator[Line]:
        """`following` are the physical lines behind it: a definition may take some of them."""
        behind: tuple[Traced, ...] = ()
        again = True
        while again:
            condition = self._condition(plain, own)
            if condition is None:
                break
            plain, own = condition
            if self._define(plain, following):
                break
            if is_sequence(plain.text):
                yield from self._sequence(plain, own)
                break
            filled, more = self._filling.filled(plain)
            behind = (*more, *behind)
            changed = filled is not plain
            if changed:
                plain, _ = uncommented(filled)
            # A name may have stood for a condition, a definition or a sequence.
            again = changed and plain.text.startswith(STARTS_AGAIN)
            if not again:
                yield from self._finished(plain, own, comment)
        yield from self._deeper(behind, own)

    def _deeper(self, lines: Iterable[Traced], own: bool) -> Iterator[Line]:
        """Lines that another line stands for."""
        lines = tuple(lines)
        if not lines:
            return
        if self._depth >= DEPTH_MAX:
            raise LimitReachedError(
                f"definitions stand for each other more than {DEPTH_MAX} deep",
                lines[0].span(0, 0),
                "a definition must not lead back to itself",
            )
        self._depth += 1
        with self._budget.repeated(1, len(lines), lines[0]):
            yield from self._each(lines, own)
        self._depth -= 1

    def _each(self, lines: Iterable[Traced], own: bool) -> Iterator[Line]:
        for line in lines:
            self._budget.spend(len(line.text), line)
            words = self._recurring.words(line, own)
            if words is not None:
                if words.words:
                    yield words
                continue
            body = self._recurring.body(line)
            if body is not None:
                yield from self._deeper(body, own)
            elif is_sequence(line.text):
                yield from self._sequence(line, own)
            else:
                yield from self._line(line, None, own, iter(()))

    # ---- conditions ------------------------------------------------------------------------

    def _condition(self, line: Traced, own: bool) -> tuple[Traced, bool] | None:
        """The line behind an `@` condition, and whether keepalived would skip it; None: it is not
        in force. `@id` holds only for a daemon started with that id, `@^id` for all others."""
        condition = condition_of(line.text)
        if condition is None:
            return line, own
        rest = line.cut(condition.end())
        if not rest.text:
            return None
        negated, wanted = bool(condition[1]), condition[2]
        if wanted == OWN_CONDITION:
            if negated:
                self._note_unread(rest)
            return None if negated else (rest, True)
        if (wanted == self._config_id and wanted != "") != negated:
            return rest, own
        self._note_unread(rest)
        return None

    def _note_unread(self, rest: Traced) -> None:
        """A line of another node: it is not taken apart, and its password is shown to nobody."""
        start = secret_start(rest.text)
        if start is not None and start < len(rest.text):
            span = rest.span(start, len(rest.text))
            self.secrets.update((span._replace(origins=()), *span.origins))

    # ---- definitions -----------------------------------------------------------------------

    def _define(self, line: Traced, following: Iterator[Traced]) -> bool:
        """Whether the line is a definition, which may go on for several lines."""
        found = DEFINITION.match(line.text)
        if found is None:
            return False
        value = line.cut(found.end())
        if not value.text.endswith(CONTINUED):
            self._note_secret(found[1], value)
            self._definitions.define(found[1], Definition((value,)))
            return True
        body = []
        goes_on = True
        while goes_on:
            goes_on = value.text.endswith(CONTINUED)
            if goes_on:
                value = value.cut(0, len(value.text) - len(CONTINUED)).stripped(BLANKS)
            if value.text:
                self._note_secret(found[1], value)
                body.append(value)
            if goes_on:
                value, goes_on = self._continuation(following)
                if not goes_on:
                    break
        lines = tuple(body) or (value.cut(0, 0),)
        self._definitions.define(found[1], Definition(lines, multiline=bool(body)))
        return True

    def _note_secret(self, name: str, value: Traced) -> None:
        if names_secret(name) or names_secret(value.text):
            span = value.span(0, len(value.text))
            self.secrets.update((span._replace(origins=()), *span.origins))

    def _continuation(self, following: Iterator[Traced]) -> tuple[Traced, bool]:
        """The next line of a value; False: an empty line or the end of the file ended it."""
        for raw in following:
            if not raw.text.rstrip("\r"):
                return raw, False
            plain, _ = uncommented(raw)
            if plain.text:
                return plain, True
        return literal("", 0, ""), False

    # ---- sequences -------------------------------------------------------------------------

    def _sequence(self, line: Traced, own: bool) -> Iterator[Line]:
        known = self._sequences.get(id(line))
        sequence = self._read_sequence(line) if known is None else known[1]
        if sequence is None:
            return
        rounds, head, place, rest = sequence
        with self._budget.repeated(rounds.count, 1, head):
            for values in rounds:
                self._budget.spend(0, head)
                number = place if rounds.is_of_numbers else None
                for name, value in zip(rounds.names, values, strict=True):
                    self._definitions.define(
                        name, Definition((made(value, place, place),), sequence=number)
                    )
                yield from self._deeper((rest,), own)

    def _read_sequence(self, line: Traced) -> _Sequence | None:
        whole = line
        begin = line.text.find("(")
        end = line.text.find(")", begin)
        # In `~SEQ` names are filled in now; in `~LST` late, as everywhere.
        if line.text.startswith("~SEQ") and 0 <= begin < end:
            filled, behind = self._filling.filled(line.cut(begin, end))
            if not behind:
                head = line.cut(0, begin).followed_by(filled)
                line = head.followed_by(line.cut(end))
        try:
            rounds = read_sequence(line.text)
        except BadSequenceError as error:
            self._findings.add(
                Code.BAD_SEQUENCE,
                f"`{line.text[:4]}` cannot be read: {error}",
                line.span(0, 4 if end < 0 else end + 1),
                helps=("write `~SEQ(NAME, START, STEP, END)` or `~LST(NAME, VALUE, VALUE)`",),
            )
            return None
        span = line.span(0, rounds.head)
        place = Span(span.file, span.line, span.column, span.length)
        place = self._places.setdefault(place, place)
        head, rest = line.cut(0, rounds.head), line.cut(rounds.head).stripped(BLANKS)
        sequence = rounds, head, place, rest
        if "$" not in whole.text[:end]:
            if len(self._sequences) >= self._kept_max:
                self._sequences.clear()
            self._sequences[id(whole)] = whole, sequence
        return sequence

    # ---- what is left ----------------------------------------------------------------------

    def _finished(self, line: Traced, own: bool, comment: Span | None) -> Iterator[Line]:
        """The words of a line, or the lines of the files that it includes."""
        if line.text.startswith("include"):
            wanted = self._inclusion.wanted(line)
            if wanted is not None:
                yield from self._include(wanted, line, own)
                return
            self._inclusion.note_checks(line)
        if line.text.startswith("random_seed"):
            self._seed(line)
        words = read_words(line, self._findings)
        if words:
            tell_undefined(words, self._findings)
            yield Line(words, own, comment)

    def _include(self, pattern: Traced, line: Traced, own: bool) -> Iterator[Line]:
        if self._depth >= DEPTH_MAX:
            raise LimitReachedError(
                f"files include each other more than {DEPTH_MAX} deep",
                pattern.span(0, len(pattern.text)),
                "a file must not include itself",
            )
        self._depth += 1
        folder = str(self._definitions.folder)
        checks = self._inclusion.checks
        for name, text in self._inclusion.files(line, pattern, folder):
            yield from self._file(name, text, own=own)
            self._inclusion.checks = checks
        self._depth -= 1

    def _seed(self, line: Traced) -> None:
        keyword, *numbers = line.text.split()
        if keyword == "random_seed" and numbers and numbers[0].isascii() and numbers[0].isdigit():
            self._definitions.seed(int(numbers[0][:SEED_DIGITS_MAX]))

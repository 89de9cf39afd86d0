"""Lines that a sequence asks for again and again: read once, then only filled in.

Knows which words of such a line have names in them. Must not know what a line may be beside words:
where it may be more, nothing is kept, and it is read anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from halod.config.findings import Findings
from halod.config.language.comments import BLANKS
from halod.config.language.definitions import USE, Definition, Definitions
from halod.config.language.limits import KEPT_MAX, LINE_MAX
from halod.config.language.traced import Stretch, Traced, joined
from halod.config.lexer import Line, Word, read_words
from halod.model.diagnostic import Span

__all__ = ["OF_FILES", "STARTS_AGAIN", "Recurring"]

STARTS_AGAIN = ("@", "$", "~SEQ", "~LST")
"""What begins so is more than words: a condition, a definition or a sequence."""
OF_FILES = ("include", "random_seed")
"""Lines that change what is read after them."""
PLACEHOLDERS = 0xE000
"""The first sign of a private use area: each stands for the value of one name."""
_PLACEHOLDER = re.compile("([\ue000-\uf8ff])")
_NAMES_MAX = 0xF8FF - PLACEHOLDERS
_OF_COMMENTS = re.compile(r"[#!\\]")


@dataclass(frozen=True, slots=True)
class _Use:
    """A name in a line, and what it must still stand for."""

    name: str
    expected: Span | Definition
    """The sequence that it must come from, whatever the round; or the very definition."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """A word with names in it."""

    pieces: tuple[str | int, ...]
    """Text, or the number of a use."""
    word: Word
    """All but the text."""


@dataclass(frozen=True, slots=True)
class _Kept:
    line: Traced
    """Keeps its id from being given to another."""
    uses: tuple[_Use, ...]
    words: tuple[Word | _Gap, ...]
    whole: Line | None
    """Where no word has a name in it."""


@dataclass(frozen=True, slots=True)
class _Body:
    line: Traced
    """Keeps its id from being given to another."""
    name: str
    definition: Definition
    lines: tuple[Traced, ...]


class Recurring:
    """The lines of definitions, and how they fall into words."""

    def __init__(
        self, definitions: Definitions, findings: Findings, *, kept_max: int = KEPT_MAX
    ) -> None:
        self._definitions = definitions
        self._findings = findings
        self._kept_max = kept_max
        """0: each round is read anew."""
        self._kept: dict[tuple[int, bool], _Kept] = {}
        self._bodies: dict[int, _Body] = {}

    def words(self, line: Traced, own: bool) -> Line | None:
        """The line in this round; None: it must be read anew."""
        if not self._kept_max:
            return None
        key = (id(line), own)
        kept = self._kept.get(key)
        if kept is not None:
            if kept.whole is not None:
                return kept.whole
            values = self._values(kept.uses)
            if values is not None:
                return Line(tuple([_filled(word, values) for word in kept.words]), own)
        fresh = self._read(line, own)
        if fresh is None:
            return None
        if len(self._kept) >= self._kept_max:
            self._kept.clear()
        self._kept[key] = fresh
        if fresh.whole is not None:
            return fresh.whole
        values = self._values(fresh.uses)
        assert values is not None
        return Line(tuple([_filled(word, values) for word in fresh.words]), own)

    def body(self, line: Traced) -> tuple[Traced, ...] | None:
        """The lines that a line stands for which is nothing but their name."""
        if not self._kept_max:
            return None
        known = self._bodies.get(id(line))
        if known is None or self._definitions.named(known.name) is not known.definition:
            known = self._body(line)
            if known is None:
                return None
            if len(self._bodies) >= self._kept_max:
                self._bodies.clear()
            self._bodies[id(line)] = known
        return known.lines

    def _body(self, line: Traced) -> _Body | None:
        use = USE.fullmatch(line.text)
        if use is None or use[2]:
            return None
        name = use[1] or use[3]
        definition = self._definitions.named(name)
        if definition is None or not definition.multiline:
            return None
        span = line.span(0, len(line.text))
        lines = definition.at(Span(span.file, span.line, span.column, span.length))
        # The first one takes the place of the name: it is filled in, and then read once more.
        if lines[0].text.startswith(("@", "$", "~")) or _OF_COMMENTS.search(lines[0].text):
            return None
        return _Body(line, name, definition, lines)

    def _values(self, uses: tuple[_Use, ...]) -> list[str] | None:
        """What the names stand for now; None: something else than before."""
        values = []
        for use in uses:
            definition = self._definitions.named(use.name)
            if definition is None:
                return None
            if definition is not use.expected and definition.sequence is not use.expected:
                return None
            values.append(definition.lines[0].text)
        return values

    def _read(self, line: Traced, own: bool) -> _Kept | None:
        text = line.text
        if text.startswith(STARTS_AGAIN):
            return None
        if _PLACEHOLDER.search(text) or _OF_COMMENTS.search(text):
            return None
        found = self._with_placeholders(line)
        if found is None:
            return None
        whole, uses = found
        if whole.text.startswith(STARTS_AGAIN) or whole.text.startswith(OF_FILES):
            return None
        if "$" in whole.text or len(whole.text) > LINE_MAX // 2:
            return None
        words = tuple(_taken_apart(word) for word in read_words(whole, self._findings))
        # With a hexadecimal number in it, the first word might say `include`.
        if words and isinstance(words[0], _Gap) and text.startswith(("i", "r")):
            return None
        plain = tuple(word for word in words if isinstance(word, Word))
        return _Kept(line, uses, words, None if uses else Line(plain, own))

    def _with_placeholders(self, line: Traced) -> tuple[Traced, tuple[_Use, ...]] | None:
        pieces: list[Traced] = []
        uses: list[_Use] = []
        end = 0
        for use in USE.finditer(line.text):
            definition = self._definitions.named(use[1] or use[3])
            if definition is None or definition.multiline or use[2] or len(uses) > _NAMES_MAX:
                return None
            span = line.span(use.start(), use.end())
            place = Span(span.file, span.line, span.column, span.length)
            if definition.sequence is not None:
                sign = chr(PLACEHOLDERS + len(uses))
                stretch = Stretch(1, definition.sequence, place, whole=True)
                value = Traced(sign, (stretch,))
                uses.append(_Use(use[1] or use[3], definition.sequence))
            else:
                (value,) = definition.at(place)
                if not value.text or value.text.startswith("~") or "$" in value.text:
                    return None
                if _PLACEHOLDER.search(value.text) or _OF_COMMENTS.search(value.text):
                    return None
                uses.append(_Use(use[1] or use[3], definition))
            pieces += [line.cut(end, use.start()), value]
            end = use.end()
        whole = joined([*pieces, line.cut(end)]) if pieces else line
        return whole.stripped(BLANKS), tuple(uses)


def _taken_apart(word: Word) -> Word | _Gap:
    if not _PLACEHOLDER.search(word.text):
        return word
    pieces = [piece for piece in _PLACEHOLDER.split(word.text) if piece]
    numbered = (
        ord(piece) - PLACEHOLDERS if _PLACEHOLDER.match(piece) else piece for piece in pieces
    )
    return _Gap(tuple(numbered), word)


def _filled(word: Word | _Gap, values: list[str]) -> Word:
    if isinstance(word, Word):
        return word
    text = "".join([values[piece] if isinstance(piece, int) else piece for piece in word.pieces])
    like = word.word
    return Word(text, like.span, like.kind, like.quoted, like.glued)

"""Text that remembers where each of its characters was written.

Knows places. Must not know what the text says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from halod.model.diagnostic import Span

__all__ = ["Stretch", "Traced", "joined", "literal", "made"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters that were written in one go."""

    end: int
    """Offset in the whole text behind the last of them."""
    written: Span | None
    """Where they were written; None: made by halod, as `${_PWD}` is."""
    use: Span | None = None
    """Where the operator asked for them; None: they stand there themselves."""
    whole: bool = False
    """They are no copy of what was written, but follow from all of it, as numbers of `~SEQ` do."""


@dataclass(frozen=True, slots=True)
class Traced:
    """A text with its stretches, from left to right and without gaps."""

    text: str
    stretches: tuple[Stretch, ...]

    def span(self, begin: int, end: int) -> Span:
        """The place to point at. Of an expansion it is the use, with what was written as origin."""
        if len(self.stretches) == 1:
            only = self.stretches[0]
            if only.written is not None and only.use is None and not only.whole:
                at = only.written
                return Span(at.file, at.line, at.column + begin, end - begin or 1)
        start = 0
        for stretch in self.stretches:
            # Most words lie in one stretch.
            if start <= begin and end <= stretch.end and begin < end:
                return _place(stretch, begin - start, end - start)
            start = stretch.end
        places = self._places(begin, end)
        first, last = places[0], places[-1]
        origins = tuple(dict.fromkeys(origin for place in places for origin in place.origins))
        length = first.length
        if (first.file, first.line) == (last.file, last.line):
            length = max(length, last.column + last.length - first.column)
        return Span(first.file, first.line, first.column, length, origins)

    def _places(self, begin: int, end: int) -> list[Span]:
        places = []
        start = 0
        for stretch in self.stretches:
            left, right = max(begin, start), min(end, stretch.end)
            if left < right or (left == right and start <= begin < stretch.end):
                places.append(_place(stretch, left - start, right - start))
            start = stretch.end
        # At the end of a line, or in an empty one.
        return places or [_place(self.stretches[-1], begin - start, end - start)]

    def cut(self, begin: int, end: int | None = None) -> Traced:
        """A part of it."""
        end = len(self.text) if end is None else min(end, len(self.text))
        begin = min(begin, end)
        if begin == 0 and end == len(self.text):
            return self
        kept = []
        start = 0
        for stretch in self.stretches:
            left, right = max(begin, start), min(end, stretch.end)
            if left < right:
                kept.append(_shifted(stretch, left - start, right - left, right - begin))
            start = stretch.end
        if not kept:
            kept = [_shifted(self.stretches[-1], 0, 0, 0)]
        return Traced(self.text[begin:end], tuple(kept))

    def stripped(self, blanks: str) -> Traced:
        """Without blanks on both sides."""
        begin = len(self.text) - len(self.text.lstrip(blanks))
        return self.cut(begin, max(begin, len(self.text.rstrip(blanks))))

    def followed_by(self, other: Traced) -> Traced:
        """Both, one behind the other."""
        if not other.text:
            return self
        if not self.text:
            return other
        size = len(self.text)
        moved = (replace(stretch, end=stretch.end + size) for stretch in other.stretches)
        return Traced(self.text + other.text, (*self.stretches, *moved))

    def used_at(self, use: Span) -> Traced:
        """The same, asked for in another place."""
        return Traced(self.text, tuple(replace(each, use=use) for each in self.stretches))


def joined(pieces: Sequence[Traced]) -> Traced:
    """All of them, one behind the other, at once."""
    texts = [piece.text for piece in pieces]
    stretches: list[Stretch] = []
    start = 0
    for piece, text in zip(pieces, texts, strict=True):
        if text:
            stretches += [
                Stretch(start + each.end, each.written, each.use, each.whole)
                for each in piece.stretches
            ]
            start += len(text)
    return Traced("".join(texts), tuple(stretches) or pieces[0].stretches)


def literal(file: str, line: int, text: str) -> Traced:
    """A line of a file."""
    return Traced(text, (Stretch(len(text), Span(file, line, 1, max(1, len(text)))),))


def made(text: str, use: Span, origin: Span | None = None) -> Traced:
    """A text that nobody wrote, asked for in a place."""
    return Traced(text, (Stretch(len(text), origin, use, whole=True),))


def _place(stretch: Stretch, begin: int, end: int) -> Span:
    at = stretch.written
    if at is not None and not stretch.whole and begin < at.length:
        at = Span(at.file, at.line, at.column + begin, max(1, min(end, at.length) - begin))
    if stretch.use is None:
        assert at is not None, "what stands in a file was written there"
        return at
    use = stretch.use
    origins = () if at is None or at == use else (at,)
    return Span(use.file, use.line, use.column, use.length, origins)


def _shifted(stretch: Stretch, skip: int, length: int, end: int) -> Stretch:
    at = stretch.written
    if at is not None and not stretch.whole and (skip or length < at.length):
        at = Span(at.file, at.line, at.column + skip, max(1, length))
    return Stretch(end, at, stretch.use, stretch.whole)

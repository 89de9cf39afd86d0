"""Blocks that many files have by the thousand, with the lines between their braces as one text.

Knows where such a block begins and ends by the look of its lines, and which texts say the same
wherever they stand. Must not know what they say: whoever takes a block as a whole judges it first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from halod.config.tree import Statement

__all__ = ["Bodies", "Body", "Contents", "nested_in"]

_OUTER, _INNER = "virtual_server", "real_server"
_HEADS = {
    name: re.compile(rf"([ \t]*){name}[ \t][^\n\r\v\f\"#!{{}}]*{{[ \t\r]*\n")
    for name in (_OUTER, _INNER)
}
"""Alone on its line, its brace at the end."""
_ELSEWHERE = ("$", "~", "@", "\\", "\0", "{{", "{%", "include", "random_seed")
"""With one of these a text says something else in another place, or is no configuration."""
QUOTE = '"'


class Body:
    """The lines between two braces. One object for all that are the same in one memory."""

    __slots__ = ("count", "names", "of", "text")

    def __init__(self, of: str, text: str) -> None:
        self.of = of
        """The keyword of its block."""
        self.text = text
        self.count = text.count("\n") + 1
        """Lines."""
        self.names: frozenset[str] | None = None
        """The keywords in it, once it was read: it is whole, tells nothing by itself, and has no
        secret. None: it was not read, or is not so."""


_Place = tuple[Body, str, int, str]
"""File, line, and what the line before the body says."""


class Bodies:
    """Every body that was met."""

    def __init__(self) -> None:
        self._old: dict[tuple[str, str], Body | None] = {}
        self._met: dict[tuple[str, str], Body | None] = {}
        self._blocks_old: dict[_Place, Statement] = {}
        self._blocks: dict[_Place, Statement] = {}
        self._heads: dict[tuple[str, int], str] = {}
        """The lines before bodies, by file and number."""

    def find(self, of: str, text: str) -> Body | None:
        """The body with these lines; None: what they say depends on where they stand."""
        key = of, text
        if key in self._met:
            return self._met[key]
        if key in self._old:
            found = self._old[key]
        else:
            found = Body(of, text) if _says_the_same_everywhere(text) else None
        self._met[key] = found
        return found

    def age(self) -> None:
        """What is not met from now until the next time is forgotten then."""
        self._heads = {}
        if self._met:
            self._old, self._met = self._met, {}
        if self._blocks:
            self._blocks_old, self._blocks = self._blocks, {}

    def block(self, body: Body, file: str, line: int, head: str) -> Statement | None:
        """The very block that stood there when it was read before; None: none that was kept."""
        self._heads[file, line] = head
        place = body, file, line, head
        found = self._blocks_old.get(place)
        if found is not None:
            self._blocks[place] = found
        return found

    def keep(self, block: Statement) -> None:
        """A block of the top level whose lines were not taken apart: it is small."""
        at = block.keyword.span
        head = self._heads.get((at.file, at.line))
        if block.body is not None and head is not None:
            self._blocks[block.body, at.file, at.line, head] = block


def _says_the_same_everywhere(text: str) -> bool:
    if any(sign in text for sign in _ELSEWHERE):
        return False
    # An open quote is told where it stands.
    return QUOTE not in text or all(line.count(QUOTE) % 2 == 0 for line in text.split("\n"))


class Contents:
    """The lines of a file, each with its number. A body behind a line is given line by line too,
    unless it is taken as a whole."""

    def __init__(
        self, text: str, bodies: Bodies | None, name: str = _OUTER, first: int = 1
    ) -> None:
        """`bodies`: None: none is looked for. `name`: of blocks that have one. `first`: number of
        the first line."""
        self._behind: Body | None = None
        self._bodies = bodies
        self._is_closed_alone = False
        """Nothing but the brace stands on the line behind the body."""
        self._is_passed_over = False
        """That line too."""
        self._lines = self._all(text, bodies, name, first)

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return self._lines

    def take_block(self, file: str, line: int, head: str) -> Statement | None:
        """The whole block that begins with the line that came last, where it was read before."""
        body, bodies = self._behind, self._bodies
        if body is None or bodies is None:
            return None
        found = bodies.block(body, file, line, head)
        if found is None or not self._is_closed_alone:
            return None
        self._behind, self._is_passed_over = None, True
        return found

    def take_body(self) -> Body | None:
        """The one behind the line that came last."""
        taken, self._behind = self._behind, None
        return taken

    def _all(
        self, text: str, bodies: Bodies | None, name: str, number: int
    ) -> Iterator[tuple[int, str]]:
        done = 0
        for behind_head, end in _blocks(text, name) if bodies is not None else ():
            assert bodies is not None
            body = bodies.find(name, text[behind_head:end])
            if body is None:
                continue
            *lines, head = text[done : behind_head - 1].split("\n")
            yield from enumerate(lines, start=number)
            number += len(lines)
            done = end + 1
            self._behind = body
            self._is_closed_alone = text.startswith("}\n", done)
            yield number, head
            number += 1
            if self._behind is not None:
                self._behind = None
                yield from enumerate(body.text.split("\n"), start=number)
            number += body.count
            if self._is_passed_over:
                self._is_passed_over = False
                done += len("}\n")
                number += 1
        yield from enumerate(text[done:].split("\n"), start=number)


def nested_in(body: Body, bodies: Bodies, first: int) -> Contents:
    """The lines of a body, from line `first` of its file on."""
    return Contents(body.text, bodies, _INNER, first)


def _blocks(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Where the lines behind a head begin, and where they end: before the line with its brace."""
    head_of = _HEADS[name]
    done = 0
    found = text.find(name)
    while found >= 0:
        start = max(done, text.rfind("\n", done, found) + 1)
        head = head_of.match(text, start)
        if head is None:
            found = text.find(name, found + len(name))
            continue
        begin = head.end()
        end = text.find(f"\n{head[1]}}}", begin - 1)
        if end < 0:
            return
        if end >= begin:
            yield begin, end
        done = end + 1
        found = text.find(name, done)

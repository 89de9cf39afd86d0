"""Where secrets stand in a file, so that no excerpt of it shows one.

Knows which statements carry secrets, misspelt ones included. Must not know what they open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from halod.config.lexer import Word
from halod.config.tree import Statement
from halod.model.diagnostic import Span

__all__ = ["secret_places"]

SECRET_BLOCKS = ("authentication", "auth_hmac")
HARMLESS = ("auth_type",)


def secret_places(statements: Iterable[Statement]) -> frozenset[Span]:
    """Every stretch that must be covered."""
    return frozenset(_places(statements))


def _places(statements: Iterable[Statement]) -> Iterator[Span]:
    waiting = [(statement, False) for statement in statements]
    while waiting:
        statement, inside = waiting.pop()
        if statement.is_secret or (inside and statement.name not in HARMLESS):
            yield from (word.span for word in statement.arguments)
            yield from _behind_sign(statement.keyword)
            if inside and not statement.is_secret:
                yield statement.keyword.span
        within = inside or statement.name in SECRET_BLOCKS
        waiting.extend((child, within) for child in statement.children)


def _behind_sign(keyword: Word) -> Iterator[Span]:
    """The value of `auth_pass=1111`, written without blanks."""
    name, sign, _ = keyword.text.partition("=")
    if sign:
        span = keyword.span
        skip = min(len(name) + 1, span.length - 1)
        yield Span(span.file, span.line, span.column + skip, span.length - skip)

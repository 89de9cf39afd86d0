"""Where secrets stand in a file, so that no excerpt of it shows one.

Knows which statements carry secrets, misspelt ones included. Must not know what they open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from halod.config.keywords.auth_hmac import AUTH_HMAC
from halod.config.keywords.vrrp_instance import AUTHENTICATION
from halod.config.suggest import closest
from halod.config.tree import WORDS_KEPT, Statement
from halod.model.diagnostic import Span

__all__ = ["known_part", "secret_places"]

AUTH_TYPES = ("PASS", "AH")
NAMES = (*AUTHENTICATION.names(), *AUTH_HMAC.names())
"""Keywords of the blocks that hold secrets."""


def secret_places(statements: Iterable[Statement]) -> frozenset[Span]:
    """Every stretch that must be covered, and what a name in one stands for."""
    return frozenset(
        place
        for span in _places(statements)
        for place in (span._replace(origins=()), *span.origins)
    )


def known_part(statement: Statement) -> int:
    """How much of a keyword in a block of secrets is surely no secret.

    A password may stand on a line of its own, or without a blank behind its keyword.
    """
    agreed = max(_agreement(statement.name, name) for name in NAMES)
    if statement.open_length < len(statement.name):
        return min(statement.open_length, agreed)
    if statement.has_value and _is_keyword(statement.name):
        return len(statement.name)
    return agreed


@lru_cache(maxsize=WORDS_KEPT)
def _is_keyword(name: str) -> bool:
    """However misspelt."""
    return closest(name, NAMES) is not None


def _agreement(one: str, other: str) -> int:
    """Characters that two words have in common at their beginning."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _places(statements: Iterable[Statement]) -> Iterator[Span]:
    waiting = [(statement, False) for statement in statements]
    while waiting:
        statement, inside = waiting.pop()
        secret = statement.may_hold_secret
        if secret or inside:
            yield from _values(statement)
            yield from _behind(statement, known_part(statement) if inside else None)
            if statement.comment is not None:
                yield statement.comment
        if inside or secret or not statement.has_no_secret_inside:
            waiting.extend((child, inside or secret) for child in statement.children)


def _values(statement: Statement) -> Iterator[Span]:
    """The words behind a keyword, but for the type of the authentication."""
    for word in statement.arguments:
        harmless = statement.name == "auth_type" and word.text.strip(";,").upper() in AUTH_TYPES
        if not harmless:
            yield word.span


def _behind(statement: Statement, length: int | None) -> Iterator[Span]:
    """What is glued to a keyword: the value of `auth_pass=1111`."""
    span = statement.keyword.span
    shown = statement.open_length if length is None else length
    whole = statement.keyword.quoted or span.origins or span.length != len(statement.name)
    if whole and shown < len(statement.name):
        yield span
    elif shown < len(statement.name):
        yield Span(span.file, span.line, span.column + shown, span.length - shown)

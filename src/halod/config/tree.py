"""A configuration as statements in blocks, before any meaning.

Knows shape and place, and which words may be secrets. Must not know any keyword's type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from typing import overload

from halod.config.body import Body
from halod.config.lexer import Word
from halod.model.diagnostic import Span
from halod.model.printable import shortened

__all__ = ["SECRET_BLOCKS", "Statement", "Unread", "names_secret", "secret_start"]

_SECRET_SIGN = re.compile("pass(?:word)?|secret|key", re.IGNORECASE)
"""A keyword with one of these has a secret behind it, however it is misspelt."""
_AUTH = "auth_"
SECRET_BLOCKS = ("auth_hmac", "authentication")
SECRET_NEIGHBOURS = (*SECRET_BLOCKS, "auth_type")
"""Keywords that are no secrets, and behind which one may stand by a slip."""

WORDS_KEPT = 4096
"""Words whose answer is remembered: more than all keywords that there are."""


@dataclass(slots=True)
class Statement:
    """A keyword, its words, and its block where it has one."""

    keyword: Word
    arguments: tuple[Word, ...]
    own: bool = False
    """Stood behind `@halod`."""
    comment: Span | None = None
    """The comment that ends its line."""
    behind_secret: bool = False
    """Follows a secret on its line, and may be the rest of it: `cd` of `auth_pass ab}cd`."""
    opened: Word | None = None
    """The opening brace; where it is missing, the word that it should follow."""
    closed: Word | None = None
    """The closing brace."""
    children: Sequence[Statement] = ()
    body: Body | None = None
    """Its lines, where the same ones say the same elsewhere."""
    may_hold_secret: bool = field(init=False)
    """Whether an excerpt must not show its values; the line of another keyword may run on."""

    def __post_init__(self) -> None:
        self.may_hold_secret = (
            self.is_secret
            or self.name in SECRET_NEIGHBOURS
            or any(names_secret(word.text) for word in self.arguments)
        )

    @property
    def has_no_secret_inside(self) -> bool:
        """Whether there is surely none in its block."""
        return self.body is not None and self.body.names is not None

    def holds_none_of(self, names: AbstractSet[str]) -> bool:
        """Whether there is surely no keyword of these in its block: whoever looks for some need
        not have it read."""
        known = self.body.names if self.body is not None else None
        return known is not None and known.isdisjoint(names)

    def add(self, child: Statement) -> None:
        """One more statement in its block. Most statements have none, and then no list either."""
        if isinstance(self.children, list):
            self.children.append(child)
        else:
            self.children = [child]

    @property
    def name(self) -> str:
        """The keyword as written."""
        return self.keyword.text

    @property
    def shown_name(self) -> str:
        """For messages: `auth_pass=1111` only as far as its `pass`, and no more than a line."""
        end = self.open_length
        return shortened(self.name if end == len(self.name) else f"{self.name[:end]}…")

    @property
    def open_length(self) -> int:
        """Characters of the keyword that may be shown: a secret may be glued to it."""
        if self.behind_secret:
            return 0
        sign = _SECRET_SIGN.search(self.name)
        if sign is not None:
            return sign.end()
        glued = self.is_secret and not self.has_value
        return len(_AUTH) if glued else len(self.name)

    @property
    def has_value(self) -> bool:
        """Whether a word follows behind a blank: then the keyword is no half of a secret."""
        return bool(self.arguments) and not self.arguments[0].glued

    @property
    def is_secret(self) -> bool:
        """Whether its values must not be shown."""
        return self.behind_secret or names_secret(self.name)

    @property
    def cut_by_comment(self) -> bool:
        """Its last word was ended by a comment sign inside it, as in `auth_pass ab!cd`."""
        last = self.arguments[-1] if self.arguments else self.keyword
        end = last.span.column + last.span.length
        return self.comment is not None and not last.quoted and self.comment.column == end


class Unread(Sequence[Statement]):
    """The statements of a body that was read elsewhere: read here when somebody looks."""

    __slots__ = ("_found", "_read")

    def __init__(self, read: Callable[[], Sequence[Statement]]) -> None:
        self._read = read
        self._found: Sequence[Statement] | None = None

    def _all(self) -> Sequence[Statement]:
        if self._found is None:
            self._found = self._read()
        return self._found

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, index: int) -> Statement: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Statement]: ...
    def __getitem__(self, index: int | slice) -> Statement | Sequence[Statement]:
        return self._all()[index]


@lru_cache(maxsize=WORDS_KEPT)
def names_secret(text: str) -> bool:
    """Whether a word says that a secret follows."""
    if _SECRET_SIGN.search(text) is not None:
        return True
    return text.startswith(_AUTH) and text not in SECRET_NEIGHBOURS


def secret_start(line: str) -> int | None:
    """From where on a line that nobody takes apart may be a secret; None: it names none."""
    sign = _SECRET_SIGN.search(line)
    found = line.find(_AUTH)
    if sign is not None:
        end = sign.end()
    elif found == 0 or (found > 0 and line[found - 1].isspace()):
        end = found + len(_AUTH)
    else:
        return None
    return len(line) - len(line[end:].lstrip())

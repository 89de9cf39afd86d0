"""A configuration as statements in blocks, before any meaning.

Knows shape and place. Must not know any keyword's type.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from halod.config.lexer import Word

__all__ = ["Statement"]

SECRET_SIGNS = ("pass", "secret", "key")


@dataclass(slots=True)
class Statement:
    """A keyword, its words, and its block where it has one."""

    keyword: Word
    arguments: tuple[Word, ...]
    own: bool = False
    """Stood behind `@halod`."""
    cut_by_comment: bool = False
    """Its last word was ended by a comment sign inside it."""
    opened: Word | None = None
    """The opening brace."""
    children: list[Statement] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The keyword as written."""
        return self.keyword.text

    @property
    def shown_name(self) -> str:
        """For messages: `auth_pas=1111` without what stands behind the sign."""
        return self.name.partition("=")[0]

    @property
    def is_secret(self) -> bool:
        """Whether its values must not be shown, a misspelt `auth_pas` included."""
        return any(sign in self.name.lower() for sign in SECRET_SIGNS)

"""A word with a name in it that stands for nothing.

Knows what looks like a use. In quotes it is a shell's, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.language.definitions import NAMED
from halod.config.lexer import Word
from halod.config.tree import names_secret
from halod.model.diagnostic import FindingSeverity

__all__ = ["tell_undefined"]


def tell_undefined(words: Sequence[Word], findings: Findings) -> None:
    """Once a word, at the word; the word is not shown: it may be a password."""
    if any(names_secret(word.text) for word in words):
        return
    for word in words:
        if "$" not in word.text or word.quoted:
            continue
        found = NAMED.search(word.text)
        if found is not None:
            findings.add(
                Code.UNDEFINED,
                "a name with `$` is not defined: it stays as it is",
                word.span,
                # keepalived takes the brace of `${NAME}` for the beginning of a block.
                severity=None if found[1] else FindingSeverity.NOTE,
                helps=("define it above, `$NAME=VALUE`; where more follows, write `${NAME}`",),
            )

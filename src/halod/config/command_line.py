"""A command line of a configuration to its words, as keepalived 2.2.7 takes it apart.

Knows quotes and escapes. Must not know keywords, nor whether there is such a program. What was
seen of keepalived: a backslash counts twice, first over the whole text and then in its words, so
that `a\\ b` is two words and `a\\\\ b` is one; `'` and `"` both quote; no shell looks at it.
"""

from __future__ import annotations

import re

from halod.config.language.comments import BLANKS

__all__ = ["OpenQuote", "split_command"]

_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_SIGNS = {"a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
QUOTES = "'\""


class OpenQuote(Exception):  # noqa: N818 - what is wrong is all that it says
    """A quote inside the command has no end."""


def split_command(text: str) -> tuple[str, ...]:
    """Its words; none where there is nothing but blanks. OpenQuote: it makes no sense."""
    words: list[str] = []
    word: list[str] | None = None
    quote = ""
    text = _ESCAPE.sub(_sign, text)
    at = 0
    while at < len(text):
        sign = text[at]
        found = _ESCAPE.match(text, at)
        at = found.end() if found else at + 1
        if found is None and sign == quote:
            quote = ""
        elif found is None and not quote and sign in QUOTES:
            quote, word = sign, word or []
        elif found is None and not quote and sign in BLANKS:
            if word is not None:
                words.append("".join(word))
            word = None
        else:
            word = word or []
            word.append(_sign(found) if found else sign)
    if quote:
        raise OpenQuote
    if word is not None:
        words.append("".join(word))
    return tuple(words)


def _sign(found: re.Match[str]) -> str:
    """What an escape stands for."""
    code = found[1]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8) & 0xFF)
    return _SIGNS.get(code, code)

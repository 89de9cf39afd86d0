"""Where a comment begins, and what escapes its sign.

Knows `#`, `!`, `"` and a backslash before a comment sign, as keepalived 2.2.7 reads them.
"""

from __future__ import annotations

import re

from halod.config.language.traced import Stretch, Traced, made
from halod.model.diagnostic import Span

__all__ = ["BLANKS", "COMMENT", "QUOTE", "uncommented"]

BLANKS = " \t\r\v\f"
"""isspace(3) in the C locale. Any other blank, U+00A0 or U+3000, is part of a word."""
COMMENT = "!#"
QUOTE = '"'
ESCAPE = "\\"
_SIGN = re.compile(r'["!#\\]')


def uncommented(line: Traced) -> tuple[Traced, Span | None]:
    """The line without its comment and without blanks around it, and where the comment stood."""
    text = line.text
    if "#" not in text and "!" not in text:
        return line.stripped(BLANKS), None
    quoted = False
    escapes: list[int] = []
    end = None
    at = 0
    while sign := _SIGN.search(text, at):
        at = sign.end()
        if sign[0] == QUOTE:
            quoted = not quoted
        elif sign[0] == ESCAPE:
            if not quoted and text[at : at + 1] in ("!", "#"):
                escapes.append(sign.start())
            at += 1
        elif not quoted:
            end = sign.start()
            break
    comment = None if end is None else line.span(end, len(text))
    kept = line.cut(0, end)
    for escape in reversed(escapes):
        bare = _escaped(kept, escape)
        kept = kept.cut(0, escape).followed_by(bare).followed_by(kept.cut(escape + 2))
    return kept.stripped(BLANKS), comment


def _escaped(line: Traced, escape: int) -> Traced:
    """The sign behind a backslash, with the place of both: whoever copies it must take both."""
    place = line.span(escape, escape + 2)
    sign = line.text[escape + 1]
    if not place.origins:
        return Traced(sign, (Stretch(1, place, whole=True),))
    return made(sign, place._replace(origins=()), place.origins[0])

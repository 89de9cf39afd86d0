"""The files of a configuration as they were read, for somebody who looks for a mistake later.

Knows secrets to cover. Must not know where the text goes. Where a secret is made of definitions,
the values of all definitions are covered: each of them may be a part of it.
"""

from __future__ import annotations

import re
from collections import defaultdict

from halod.config.compile import Compiled
from halod.config.lexer import source_lines

__all__ = ["cover", "covered_sources"]

_CONTINUES = "\\"
_DEFINITION = re.compile(r"\s*\$[^\s=]+\s*=")
_USE = "$"

_Places = dict[tuple[str, int], list[tuple[int, int]]]
"""By file and line: from where to where, in signs from 0."""


def covered_sources(compiled: Compiled) -> str:
    """Each file below a comment with its name; secrets are stars, as many as they have signs."""
    places: _Places = defaultdict(list)
    for span in compiled.secrets:
        start = span.column - 1
        places[span.file, span.line].append((start, start + span.length))
    lines = {name: source_lines(text.removesuffix("\n")) for name, text in compiled.sources.items()}
    if _uses_definitions(lines, places):
        _add_definitions(lines, places)
    written: list[str] = []
    for name, texts in lines.items():
        written.append(f"# {name}")
        for number, text in enumerate(texts, start=1):
            shown = text
            for start, end in places.get((name, number), ()):
                shown = cover(shown, start, end)
            written.append(shown)
    return "".join(f"{line}\n" for line in written)


def cover(line: str, start: int, end: int) -> str:
    """Stars from `start` to before `end`, signs from 0, as far as the line goes: places stay what
    they are."""
    hidden = len(line[start:end])
    return line[:start] + "*" * hidden + line[start + hidden :]


def _uses_definitions(lines: dict[str, list[str]], places: _Places) -> bool:
    for (name, number), stretches in places.items():
        texts = lines.get(name, [])
        if number <= len(texts):
            text = texts[number - 1]
            if any(_USE in text[start:end] for start, end in stretches):
                return True
    return False


def _add_definitions(lines: dict[str, list[str]], places: _Places) -> None:
    for name, texts in lines.items():
        goes_on = False
        for number, text in enumerate(texts, start=1):
            found = None if goes_on else _DEFINITION.match(text)
            if goes_on or found is not None:
                places[name, number].append((found.end() if found else 0, len(text)))
                goes_on = text.rstrip().endswith(_CONTINUES)

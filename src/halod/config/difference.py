"""The difference between two texts of one configuration, for people: no secret is in it.

Knows lines and what to cover. Must not know why they differ.
"""

from __future__ import annotations

from difflib import unified_diff

from halod.config.compile import Compiled
from halod.config.covered import cover
from halod.config.lexer import source_lines
from halod.model.printable import printable

__all__ = ["difference"]


def difference(before: Compiled, after: Compiled, file: str | None = None) -> str:
    """As `diff -u` has it; empty where the texts are equal. `file`: an included one."""
    name = before.file if file is None else file
    shown = printable(name)
    lines = unified_diff(
        _shown(before, name), _shown(after, name), shown, f"{shown} (after)", lineterm=""
    )
    return "".join(f"{line}\n" for line in lines)


def _shown(compiled: Compiled, file: str) -> list[str]:
    """Secrets become stars, as many as they have signs: places stay what they are."""
    lines = source_lines(compiled.sources[file])
    for secret in compiled.secrets:
        if secret.file == file:
            at, start = secret.line - 1, secret.column - 1
            lines[at] = cover(lines[at], start, start + secret.length)
    if lines[-1] == "":
        lines.pop()
    return [printable(line) for line in lines]

"""Applies the fixes that findings carry to the text that they were found in.

Knows places and applicability. Must not read or write files, nor invent a fix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from halod.config.compile import Compiled, compile_text
from halod.config.language.surroundings import Absent, SourceLoader
from halod.config.lexer import BLANKS, BYTE_ORDER_MARK, OWN_CONDITION, source_lines
from halod.model.diagnostic import Applicability, Diagnostic, Fix

__all__ = ["Fixed", "apply_fixes", "fix_text"]

ROUNDS_MAX = 10
"""One fix may bring another mistake to light; more rounds than this would be a circle."""
OWN_PREFIX = f"@{OWN_CONDITION}"


@dataclass(frozen=True, slots=True)
class Fixed:
    """What became of one text."""

    compiled: Compiled
    """The text as it is now, and what is left to say of it."""
    applied: tuple[Diagnostic, ...]
    """What was mended, each in the place that it had in its round."""
    changed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Text before and after, by the name of the file: the first one, and what it includes."""
    withheld: bool = False
    """The rest of the fixes would make halod refuse a file that it takes: a person must look."""


def fix_text(compiled: Compiled, *, unsafe: bool = False) -> Fixed:
    """Applies the safe fixes, or all that may be applied at all; then those that come up by it."""
    allowed = {Applicability.SAFE, Applicability.UNSAFE} if unsafe else {Applicability.SAFE}
    applied: list[Diagnostic] = []
    changed: dict[str, tuple[str, str]] = {}
    original = compiled.surroundings
    for _ in range(ROUNDS_MAX):
        chosen = _without_overlap(
            found
            for found in compiled.diagnostics
            if found.fix is not None
            and found.fix.applicability in allowed
            # What stands in a definition may be used elsewhere too: a person must look.
            and not found.fix.span.origins
            and _fits(found.fix, source_lines(compiled.sources[found.fix.span.file]))
        )
        texts = dict(_mended(compiled, [found.fix for found in chosen if found.fix is not None]))
        if not texts:
            break
        now = {**changed, **{file: (compiled.sources[file], text) for file, text in texts.items()}}
        for file in changed.keys() & texts.keys():
            now[file] = (changed[file][0], texts[file])
        loader = _Changed(original.loader, {file: after for file, (_, after) in now.items()})
        text = texts.get(compiled.file, compiled.text)
        after = compile_text(compiled.file, text, replace(original, loader=loader))
        if after.refused and not compiled.refused:
            return Fixed(compiled, tuple(applied), changed, withheld=True)
        applied += chosen
        compiled, changed = after, now
    return Fixed(compiled, tuple(applied), changed)


def _mended(compiled: Compiled, fixes: Sequence[Fix]) -> Iterator[tuple[str, str]]:
    """File and new text of each file that changes."""
    for file, text in compiled.sources.items():
        after = apply_fixes(text, [fix for fix in fixes if fix.span.file == file])
        if after != text:
            yield file, after


class _Changed:
    """The files as they would be."""

    def __init__(self, loader: SourceLoader, texts: Mapping[str, str]) -> None:
        self._loader = loader
        self._texts = texts

    def match(self, pattern: str, folder: str) -> Sequence[str]:
        return self._loader.match(pattern, folder)

    def read(self, path: str) -> str | Absent:
        return self._texts[path] if path in self._texts else self._loader.read(path)

    def absolute(self, folder: str) -> str:
        return self._loader.absolute(folder)


def apply_fixes(text: str, fixes: Iterable[Fix]) -> str:
    """The text with every span replaced; spans must not overlap."""
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    lines = source_lines(text)
    # From the end of a line to its beginning: what stands before a span keeps its column.
    for fix in sorted(fixes, key=lambda fix: fix.span, reverse=True):
        line = lines[fix.span.line - 1]
        start = fix.span.column - 1
        end = start + fix.span.length
        if not fix.replacement and line[end : end + 1] == " " and line[:start].endswith(" "):
            end += 1  # a word that goes takes one of its two blanks with it
        lines[fix.span.line - 1] = f"{line[:start]}{fix.replacement}{line[end:]}"
    return mark + "\n".join(lines)


def _fits(fix: Fix, lines: Sequence[str]) -> bool:
    """keepalived skips the whole line behind `@halod`: nothing else may stand on it."""
    if not fix.replacement.startswith(OWN_PREFIX):
        return True
    line = lines[fix.span.line - 1]
    before, behind = line[: fix.span.column - 1], line[fix.span.column - 1 :]
    return before.strip(BLANKS) == "" and "{" not in behind and "}" not in behind


def _without_overlap(found: Iterable[Diagnostic]) -> Sequence[Diagnostic]:
    """Of two fixes for one stretch the first counts: the next round sees what is left."""
    chosen: list[Diagnostic] = []
    line, end = ("", 0), 0
    for each in sorted(found, key=lambda d: d.fix.span if d.fix else d.primary.span):
        assert each.fix is not None
        span = each.fix.span
        if (span.file, span.line) == line and span.column < end:
            continue
        chosen.append(each)
        line, end = (span.file, span.line), span.column + span.length
    return chosen

"""Findings for people: the line, a caret, what to do.

Knows the layout. Must not know a terminal: colours are given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from halod.config.compile import Compiled
from halod.model.diagnostic import Diagnostic, FindingSeverity, Label, Span
from halod.model.printable import printable

__all__ = ["NO_COLOUR", "TERMINAL_COLOUR", "Palette", "render_full"]

EXCERPT_MAX = 120
"""Characters of a line that are shown: a caret beyond them would stand nowhere."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Escape sequences by meaning; empty ones print plain text."""

    severities: Mapping[FindingSeverity, str]
    frame: str = ""
    bold: str = ""
    end: str = ""


NO_COLOUR = Palette(dict.fromkeys(FindingSeverity, ""))
TERMINAL_COLOUR = Palette(
    {
        FindingSeverity.REFUSE: "\x1b[1;31m",
        FindingSeverity.IGNORED: "\x1b[1;33m",
        FindingSeverity.RISK: "\x1b[1;35m",
        FindingSeverity.NOTE: "\x1b[1;36m",
    },
    frame="\x1b[34m",
    bold="\x1b[1m",
    end="\x1b[0m",
)


def render_full(compiled: Compiled, palette: Palette = NO_COLOUR) -> str:
    """Every finding, from the top of the file to its end; empty where there is none."""
    page = _Page(compiled, palette)
    return "\n".join("".join(f"{line}\n" for line in page.finding(d)) for d in compiled.diagnostics)


class _Page:
    def __init__(self, compiled: Compiled, palette: Palette) -> None:
        self._lines = compiled.text.removeprefix("\ufeff").split("\n")
        self._secrets = compiled.secrets
        self._palette = palette

    def finding(self, found: Diagnostic) -> Iterator[str]:
        paint = self._palette
        colour = paint.severities[found.severity]
        span = found.primary.span
        labels = sorted([found.primary, *found.secondary], key=lambda label: label.span)
        width = len(str(max(label.span.line for label in labels)))
        bar = f"{paint.frame}{' ' * width} |{paint.end}"
        place = f"{printable(span.file)}:{span.line}:{span.column}"
        severity = f"{colour}{found.severity.value}[{found.code}]{paint.end}"
        yield f"{place}: {severity} {paint.bold}{printable(found.message)}{paint.end}"
        yield bar
        last_line = 0
        for label in labels:
            if last_line and label.span.line > last_line + 1:
                yield f"{paint.frame}{'.' * (width + 2)}{paint.end}"
            if label.span.line != last_line:
                number = f"{label.span.line:>{width}}"
                excerpt = self._excerpt(label.span.line)
                yield f"{paint.frame}{number} |{paint.end} {excerpt}".rstrip()
            last_line = label.span.line
            yield f"{bar} {self._underline(label, found, colour)}"
        for note in found.notes:
            yield f"{' ' * width} {paint.frame}={paint.end} note: {printable(note)}"
        for text in found.helps:
            yield f"{' ' * width} {paint.frame}={paint.end} help: {printable(text)}"
        if found.fix is not None:
            yield f"{' ' * width} {paint.frame}={paint.end} help: {printable(found.fix.title)}"

    def _underline(self, label: Label, found: Diagnostic, colour: str) -> str:
        sign = "^" if label is found.primary else "-"
        span = label.span
        start = min(span.column - 1, EXCERPT_MAX)
        length = max(1, min(span.length, EXCERPT_MAX - start))
        end = self._palette.end
        return f"{' ' * start}{colour}{sign * length}{end} {printable(label.text)}".rstrip()

    def _excerpt(self, line: int) -> str:
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        for secret in self._secrets:
            if secret.line == line:
                text = _cover(text, secret)
        return printable(text[:EXCERPT_MAX])


def _cover(text: str, secret: Span) -> str:
    """A star for each character: what stands behind it keeps its column."""
    start = secret.column - 1
    return text[:start] + "*" * secret.length + text[start + secret.length :]

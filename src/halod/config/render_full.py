"""Findings for people: the line, a caret, what to do.

Knows the layout. Must not know a terminal: colours are given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from halod.config.compile import Compiled
from halod.config.excerpt import Excerpt
from halod.config.lexer import source_lines
from halod.model.diagnostic import Diagnostic, FindingSeverity, Label, Span
from halod.model.printable import printable

__all__ = ["NO_COLOUR", "TERMINAL_COLOUR", "Palette", "render_full"]

FINDINGS_SHOWN = 50
"""A person mends the first before reading on; those that refuse the file are always among them."""


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
    parts = ["".join(f"{line}\n" for line in page.finding(d)) for d in _shown(compiled)]
    left_out = len(compiled.diagnostics) - len(parts)
    if left_out:
        parts.append(f"and {left_out} more: `haloctl check --format concise` has them all\n")
    return "\n".join(parts)


def _shown(compiled: Compiled) -> tuple[Diagnostic, ...]:
    """The heaviest, in the order of the file."""
    if len(compiled.diagnostics) <= FINDINGS_SHOWN:
        return compiled.diagnostics
    weights = list(FindingSeverity)
    heaviest = sorted(compiled.diagnostics, key=lambda found: weights.index(found.severity))
    chosen = {id(found) for found in heaviest[:FINDINGS_SHOWN]}
    return tuple(found for found in compiled.diagnostics if id(found) in chosen)


class _Page:
    def __init__(self, compiled: Compiled, palette: Palette) -> None:
        self._lines = {file: source_lines(text) for file, text in compiled.sources.items()}
        self._secrets: dict[tuple[str, int], list[Span]] = {}
        for secret in compiled.secrets:
            self._secrets.setdefault((secret.file, secret.line), []).append(secret)
        self._palette = palette

    def finding(self, found: Diagnostic) -> Iterator[str]:
        paint = self._palette
        colour = paint.severities[found.severity]
        span = found.primary.span
        # The file of the finding first; then the others in their order.
        labels = sorted(
            [found.primary, *found.secondary],
            key=lambda label: (label.span.file != span.file, label.span),
        )
        width = len(str(max(label.span.line for label in labels)))
        bar = f"{paint.frame}{' ' * width} |{paint.end}"
        place = f"{printable(span.file)}:{span.line}:{span.column}"
        severity = f"{colour}{found.severity.value}[{found.code}]{paint.end}"
        yield f"{place}: {severity} {paint.bold}{printable(found.message)}{paint.end}"
        yield bar
        shown_file, last_line = span.file, 0
        excerpt = self._excerpt(found.primary)
        for label in labels:
            here = label.span
            if here.file != shown_file:
                yield f"{paint.frame}{' ' * width} :{paint.end} {printable(here.file)}"
                shown_file, last_line = here.file, 0
            elif last_line and here.line > last_line + 1:
                yield f"{paint.frame}{'.' * (width + 2)}{paint.end}"
            if here.line != last_line:
                number = f"{here.line:>{width}}"
                same = (here.file, here.line) == (span.file, span.line)
                excerpt = self._excerpt(found.primary if same else label)
                yield f"{paint.frame}{number} |{paint.end} {excerpt.text}".rstrip()
            last_line = here.line
            sign = "^" if label is found.primary else "-"
            indent, marks = excerpt.underline(label.span, sign)
            text = f" {printable(label.text)}" if label.text else ""
            yield f"{bar} {indent}{colour}{marks}{paint.end}{text}"
        for note in found.notes:
            yield f"{' ' * width} {paint.frame}={paint.end} note: {printable(note)}"
        for text in found.helps:
            yield f"{' ' * width} {paint.frame}={paint.end} help: {printable(text)}"
        if found.fix is not None:
            yield f"{' ' * width} {paint.frame}={paint.end} help: {printable(found.fix.title)}"

    def _excerpt(self, focus: Label) -> Excerpt:
        file, line = focus.span.file, focus.span.line
        lines = self._lines[file]
        text = lines[line - 1] if line <= len(lines) else ""
        return Excerpt(text, self._secrets.get((file, line), ()), focus.span)

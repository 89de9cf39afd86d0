"""Texts that no reading line by line does justice to: read anyway, every finding would mislead.

Knows zero bytes, templates and byte order marks. Must not know any keyword.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lexer import BYTE_ORDER_MARK, Kind, Line, Word, source_lines
from halod.model.diagnostic import Span

__all__ = ["tell_unreadable"]


def tell_unreadable(sources: Mapping[str, str], lines: Sequence[Line], findings: Findings) -> bool:
    """Whether one of the files is one of these; told once, at the first place."""
    for file, text in sources.items():
        if text.startswith(BYTE_ORDER_MARK):
            findings.add(
                Code.BYTE_ORDER_MARK,
                "a byte order mark stands before this: keepalived would not know its first word",
                Span(file, 1, 1, 1),
                helps=("save the file as UTF-8 without a mark (BOM)",),
            )
    broken = [file for file, text in sources.items() if _zero_byte(file, text, findings)]
    return bool(broken) or _template(lines, findings)


def _zero_byte(file: str, text: str, findings: Findings) -> bool:
    if "\0" not in text:
        return False
    number, line = next((n, at) for n, at in enumerate(source_lines(text), 1) if "\0" in at)
    findings.add(
        Code.NOT_TEXT,
        "a zero byte stands here: this is no text",
        Span(file, number, line.index("\0") + 1, 1),
        notes=("a disk that lost power leaves zero bytes; a text in UTF-16 has them too",),
        helps=("write the file again, as UTF-8",),
    )
    return True


def _template(lines: Sequence[Line], findings: Findings) -> bool:
    """`{{ vip }}` and `{% if %}` of Ansible, Salt and others."""
    for line in lines:
        for brace, word in zip(line.words, line.words[1:], strict=False):
            if brace.kind is Kind.OPEN and word.glued and _is_place(word):
                findings.add(
                    Code.TEMPLATE,
                    "this is a template: its places were not filled in",
                    Span(brace.span.file, brace.span.line, brace.span.column, 2),
                    helps=("check the file that the template makes",),
                )
                return True
    return False


def _is_place(word: Word) -> bool:
    return word.kind is Kind.OPEN or word.text.startswith("%")

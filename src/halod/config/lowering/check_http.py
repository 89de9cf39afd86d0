"""The pages of HTTP_GET and SSL_GET.

Knows `url` blocks. Must not know how a page is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.keywords.checks import URL
from halod.config.reading import Values, read_section
from halod.config.tree import Statement
from halod.model.check import HttpPage
from halod.model.diagnostic import FindingSeverity
from halod.model.page_regex import compile_regex, unsupported_options

__all__ = ["lower_pages"]

_RANGE = re.compile(r"([0-9]{3})(?:-([0-9]{3}))?\Z")
_DIGEST = re.compile(r"[0-9a-fA-F]{32}\Z")
CODE_MIN, CODE_MAX = 100, 999


def lower_pages(check: Values, virtualhost: str, findings: Findings) -> tuple[HttpPage, ...]:
    """In the order of the file."""
    compliant = check.get_or("tls_compliant", default=False)
    return tuple(
        _page(block, virtualhost, findings, compliant=compliant)
        for name, block in check.nested
        if name == "url"
    )


def _page(block: Statement, virtualhost: str, findings: Findings, *, compliant: bool) -> HttpPage:
    values = read_section(block.children, URL, findings)
    path = values.get("path", str) or "/"
    regex = values.get("regex", str) or ""
    options = _options(values, findings)
    if values.has("regex"):
        _try(values.statement("regex"), options, findings)
    return HttpPage(
        path=path,
        status_codes=_codes(values.get("status_code", list) or [], findings),
        digest=_digest(values, findings),
        regex=regex,
        regex_no_match=values.has("regex_no_match"),
        regex_options=options,
        regex_min_offset=values.get("regex_min_offset", int) or 0,
        regex_max_offset=values.get("regex_max_offset", int) or 0,
        virtualhost=values.get("virtualhost", str) or virtualhost,
        tls_compliant=values.get_or("tls_compliant", compliant),
    )


def _options(values: Values, findings: Findings) -> frozenset[str]:
    words = [
        word
        for statement in values.get("regex_options", list) or []
        for word in statement.arguments
    ]
    unsupported = unsupported_options(frozenset(word.text.lower() for word in words))
    for word in words:
        if word.text.lower() in unsupported:
            findings.add(
                Code.UNKNOWN_WORD,
                f"`{word.shown}` is no option that halod's regular expressions have: the page is "
                "matched without it",
                word.span,
                severity=FindingSeverity.IGNORED,
            )
    return frozenset(word.text.lower() for word in words) - unsupported


def _try(statement: Statement, options: frozenset[str], findings: Findings) -> None:
    word = statement.arguments[0]
    try:
        compile_regex(word.text, options)
    except (re.error, OverflowError, RecursionError) as error:
        findings.add(
            Code.BAD_TEXT,
            f"`{word.shown}` is no regular expression: {getattr(error, 'msg', error)}",
            word.span,
            severity=FindingSeverity.IGNORED,
            helps=("no page can be judged by it: the server stays as if it were not checked",),
        )


def _digest(values: Values, findings: Findings) -> str:
    text = values.get("digest", str) or ""
    if text and _DIGEST.match(text) is None:
        word = values.statement("digest").arguments[0]
        findings.add(
            Code.BAD_TEXT,
            f"`{word.shown}` is no MD5, which is 32 hexadecimal digits: any page is right",
            word.span,
            severity=FindingSeverity.IGNORED,
            helps=("`haloctl genhash` prints that of a page",),
        )
        return ""
    return text.lower()


def _codes(statements: Sequence[Statement], findings: Findings) -> tuple[tuple[int, int], ...]:
    ranges: list[tuple[int, int]] = []
    for statement in statements:
        if not statement.arguments:
            findings.add(
                Code.MISSING_VALUE,
                "`status_code` has no code: the line has no effect",
                statement.keyword.span,
            )
        for word in statement.arguments:
            match = _RANGE.match(word.text)
            first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
            if not CODE_MIN <= first <= last <= CODE_MAX:
                findings.add(
                    Code.OUT_OF_RANGE,
                    f"`{word.shown}` is no status code, nor a range of them: it has no effect",
                    word.span,
                    helps=("write codes from 100 to 999, and ranges as in `200-299`",),
                )
                continue
            ranges.append((first, last))
    return tuple(ranges)

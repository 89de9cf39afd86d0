"""A line of a `track_...` block that names nothing, or what another line has: told in one way.

Knows the two findings. Must not know what is tracked.
"""

from __future__ import annotations

from collections.abc import Collection

from halod.config.codes import Code
from halod.config.findings import Findings, did_you_mean
from halod.config.lexer import Word
from halod.config.suggest import closest
from halod.model.diagnostic import Label, Span

__all__ = ["tell_no_such_tracker", "tell_tracked_twice"]


def tell_no_such_tracker(
    block: str, word: Word, name: str, known: Collection[str], findings: Findings
) -> None:
    """`block`: where it would be defined, `vrrp_script` for one."""
    findings.add(
        Code.NO_SUCH_TRACKER,
        f"there is no `{block} {word.shown}`: the line has no effect",
        word.span,
        fix=did_you_mean(word.span, closest(name, list(known))),
        helps=() if known else ("define it at the top level of the file",),
    )


def tell_tracked_twice(word: Word, first: Span, findings: Findings) -> None:
    """`first`: the line that counts."""
    findings.add(
        Code.KEYWORD_TWICE,
        f"`{word.shown}` is tracked twice: the first line counts",
        word.span,
        secondary=(Label(first, "this one"),),
        helps=("remove one of them",),
    )

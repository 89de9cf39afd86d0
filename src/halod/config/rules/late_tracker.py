"""Trackers that are named above their own block, where keepalived does not know them yet.

Knows which block of an instance names which block of the file. Must not know what a tracker does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from halod.config.codes import Code
from halod.config.findings import Findings
from halod.config.lexer import Word
from halod.config.lowering.instance import Lowered
from halod.config.tree import Statement
from halod.model.diagnostic import Label

__all__ = ["late_tracker"]

_HOMES = {
    "vrrp_script": "track_script",
    "track_file": "track_file",
    "vrrp_track_file": "track_file",
    "vrrp_track_process": "track_process",
}
"""Section at the top level -> the block whose lines name such sections."""


def late_tracker(tree: Sequence[Statement], found: Sequence[Lowered], findings: Findings) -> None:
    """Seen of keepalived 2.2.7, for instances and sync groups: `track script NAME not found,
    ignoring...`, and 5 of `-t`."""
    above: dict[tuple[str, str], Word] = {}
    for statement in tree:
        if statement.name in _HOMES and statement.arguments:
            name = statement.arguments[0]
            entry = above.get((_HOMES[statement.name], name.text))
            if entry is not None:
                _tell(entry, statement, findings)
        elif statement.name in ("vrrp_instance", "vrrp_sync_group"):
            for kind, entry in _entries(statement):
                above.setdefault((kind, entry.text), entry)
        if findings.full:
            break


def _entries(block: Statement) -> Iterator[tuple[str, Word]]:
    kinds = set(_HOMES.values())
    for child in block.children:
        if child.name in kinds:
            for entry in child.children:
                yield child.name, entry.keyword


def _tell(entry: Word, section: Statement, findings: Findings) -> None:
    findings.add(
        Code.LATE_TRACKER,
        f"keepalived leaves out the line that tracks `{entry.shown}`: it does not know it there",
        section.arguments[0].span,
        secondary=(Label(entry.span, "above its block"),),
        helps=(f"for a way back, move the `{section.name}` before it",),
    )

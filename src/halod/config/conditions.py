"""`@id` and `@^id` before lines: for whom each line counts.

Knows the ids that a text names. Must not know which one this daemon was started with.
"""

from __future__ import annotations

from collections.abc import Iterable

from halod.config.lexer import BLANKS, OWN_CONDITION, condition_of, source_lines

__all__ = ["counts_for", "named_ids", "split_condition"]


def split_condition(line: str) -> tuple[bool, str, str] | None:
    """Whether it is negated, its id, and the rest of the line; None: there is none."""
    found = condition_of(line.lstrip(BLANKS))
    if found is None:
        return None
    return bool(found[1]), found[2], line.lstrip(BLANKS)[found.end() :]


def named_ids(texts: Iterable[str]) -> list[str]:
    """Every id, in the order of their first lines; `halod` is none: it always holds here."""
    found: dict[str, None] = {}
    for text in texts:
        for line in source_lines(text) if "@" in text else ():
            condition = split_condition(line)
            if condition is not None and condition[1] not in ("", OWN_CONDITION):
                found[condition[1]] = None
    return list(found)


def counts_for(condition: tuple[bool, str, str] | None, config_id: str) -> bool:
    """Whether a line is in force for a daemon with that id."""
    if condition is None:
        return True
    negated, wanted, _ = condition
    if wanted == OWN_CONDITION:
        return not negated
    return (wanted == config_id and wanted != "") != negated

"""Plays a script with both daemons, and judges what the two traces are.

Knows how often is played. Must not know what is in a trace.

What is found in one play is looked for in two more: what differs in two of three counts, for a busy
machine spoils one.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.traces.comparison import Key, unexpected
from tests.traces.script import Script
from tests.traces.stage import play
from tests.traces.trace import trace_of

__all__ = ["wrongs_of"]

PROGRAMS = ("halod", "keepalived")


def wrongs_of(script: Script, base: Path) -> list[str]:
    """Differences that nobody meant, a paragraph each."""
    found = [_found_by(script, base)]
    if found[0]:
        found += [_found_by(script, base) for _ in range(2)]
    times = Counter(key for each in found for key in each)
    shown = {key: text for each in reversed(found) for key, text in each.items()}
    return [shown[key] for key, count in times.items() if count > 1]


def _found_by(script: Script, base: Path) -> dict[Key, str]:
    """What one play of both shows."""
    with ThreadPoolExecutor(len(PROGRAMS)) as pool:
        plays = [pool.submit(play, script, program, base) for program in PROGRAMS]
        ours, theirs = (trace_of(each.result()) for each in plays)
    return unexpected(script, ours, theirs)

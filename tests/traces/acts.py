"""The acts of fault scripts, by the words of whoever writes one.

Knows the stage. Must not know what follows from an act.
"""

from __future__ import annotations

from collections.abc import Callable

from halod.lab.namespace import Namespace
from tests.traces.script import Act
from tests.traces.stage import Stage

__all__ = [
    "MASTER_S",
    "SETTLE_S",
    "alone",
    "clear_flag",
    "command",
    "on",
    "reload",
    "set_flag",
    "start",
    "started",
    "stop",
    "together",
    "with_faults",
]

MASTER_S = 1.6
"""Until one that starts alone is MASTER (0.68 to 0.72 s), and its second announcements."""
SETTLE_S = 1.2
"""Longer than three adverts and a skew time, with something to spare."""
READING_S = 0.25
"""Until a file is read, by a daemon that is not in real time."""
COMMAND_S = 0.2
"""Until `nft` or `ip` has done it: on a busy machine one advert more gets through."""
LB01 = "lb01"


def start(
    host: str, watch_s: float = SETTLE_S, after: str | None = None, slack_s: float = 0.0
) -> Act:
    """The daemon of a host."""
    words = f"{host} starts"
    return Act(words, lambda stage: stage.start(host), watch_s, after, slack_s, starts=host)


def started(watch_s: float = SETTLE_S) -> tuple[Act, Act]:
    """lb01, and then lb02 beside it."""
    return start("lb01", MASTER_S), start("lb02", watch_s, after="lb01")


def alone(words: str, do: Callable[[Stage], None], watch_s: float = MASTER_S) -> Act:
    """An act to which no advert gives the time."""
    return Act(words, do, watch_s)


def on(
    words: str,
    do: Callable[[Stage], None],
    watch_s: float = MASTER_S,
    after: str = LB01,
    slack_s: float = 0.0,
) -> Act:
    """An act shortly after an advert."""
    return Act(words, do, watch_s, after, slack_s)


def stop(host: str, watch_s: float = SETTLE_S, after: str | None = None) -> Act:
    """SIGTERM, a little after an advert of it."""
    return Act(
        f"{host}: SIGTERM", lambda stage: stage.lab.balancers[host].stop(), watch_s, after or host
    )


def with_faults(words: str, method: str, *hosts: str, watch_s: float = MASTER_S) -> Act:
    """One of the lab's faults."""

    def do(stage: Stage) -> None:
        getattr(stage.lab.faults, method)(*hosts)

    return Act(words, do, watch_s, LB01, COMMAND_S)


def reload(
    host: str, words: str, old: str, new: str, watch_s: float = SETTLE_S, after: str | None = LB01
) -> Act:
    """SIGHUP after an edit."""
    words = f"{host}: {words}, and SIGHUP"
    return Act(words, lambda stage: stage.edit(host, old, new), watch_s, after, READING_S)


def set_flag(
    host: str,
    words: str,
    flag: str,
    text: str = "",
    watch_s: float = MASTER_S,
    after: str = LB01,
    slack_s: float = 0.0,
) -> Act:
    """A file that a tracker looks at."""
    return Act(words, lambda stage: stage.set_flag(host, flag, text), watch_s, after, slack_s)


def clear_flag(host: str, words: str, flag: str, watch_s: float, after: str, slack_s: float) -> Act:
    """Such a file goes away."""
    return Act(words, lambda stage: stage.clear_flag(host, flag), watch_s, after, slack_s)


def command(
    host: str, words: str, *arguments: str, watch_s: float = MASTER_S, after: str = LB01
) -> Act:
    """`ip` on a host."""

    def do(stage: Stage) -> None:
        namespace: Namespace = stage.lab.machine(host).namespace
        namespace.ip(*arguments)

    return Act(words, do, watch_s, after)


def together(words: str, *acts: Act, watch_s: float) -> Act:
    """Several at once."""

    def do(stage: Stage) -> None:
        for act in acts:
            act.do(stage)

    return Act(words, do, watch_s, acts[0].after)

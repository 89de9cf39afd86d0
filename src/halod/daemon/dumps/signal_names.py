"""The signals that keepalived has a meaning for, by the names of `--signum`.

Knows numbers. Must not know what is done on one.
"""

from __future__ import annotations

import signal

__all__ = ["DATA", "DUMP_SIGNALS", "JSON", "SIGNAL_NAMES", "STATS", "STATS_CLEAR", "THREAD_DUMP"]
__all__ += ["signal_number"]

DATA = int(signal.SIGUSR1)
STATS = int(signal.SIGUSR2)
JSON = int(signal.SIGRTMIN) + 2
STATS_CLEAR = int(signal.SIGRTMAX) - 1
THREAD_DUMP = int(signal.SIGRTMAX)
"""keepalived's threads in its log, if it was built for it: halod has nothing to say."""

DUMP_SIGNALS = (DATA, STATS, JSON, STATS_CLEAR, THREAD_DUMP)

_NUMBERS = {
    "STOP": int(signal.SIGTERM),
    "RELOAD": int(signal.SIGHUP),
    "DATA": DATA,
    "STATS": STATS,
    "STATS_CLEAR": STATS_CLEAR,
    "JSON": JSON,
}

SIGNAL_NAMES = tuple(_NUMBERS)


def signal_number(name: str) -> int | None:
    """As `keepalived --signum=NAME`; None: there is no such name."""
    return _NUMBERS.get(name)

"""How a process ended, and whether that was its own fault.

Knows wait(2). Must not know which process it was.
"""

from __future__ import annotations

import signal

__all__ = ["broke", "describe_exit"]

_FAULTS = frozenset(
    {signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT, signal.SIGSYS}
)


def broke(code: int) -> bool:
    """Whether it ended by a fault of its own: an exception, an assertion, a bad address.

    `code`: as of `subprocess`, minus the signal that killed it. One that somebody killed was at
    work on an innocent packet at most.
    """
    return code > 0 or -code in _FAULTS


def describe_exit(code: int) -> str:
    """The rest of a sentence that begins with the process."""
    if code >= 0:
        return f"ended with status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was killed by {name}"

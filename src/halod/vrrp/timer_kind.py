"""The timers of one virtual router.

Knows their names. When one is due stands in the router's `timers`.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["TimerKind"]


class TimerKind(Enum):
    """RFC 9568, 6.2, and what gratuitous ARP and conflicts need besides."""

    # Members are singletons, and Enum's own hash is a call in Python: timers are moved often.
    __hash__ = object.__hash__

    MASTER_DOWN = "Master_Down_Timer"
    ADVERT = "Adver_Timer"
    ANNOUNCE_AGAIN = "second burst of gratuitous ARP"
    REFRESH = "refresh of gratuitous ARP"
    EXTRA = "gratuitous ARP where no adverts go out"
    ANSWER = "answer to another master, put off"
    CONFLICT_OVER = "silence of the other master"
    RETRY = "another try after a fault"
    START = "the start, put off"

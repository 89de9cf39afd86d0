"""The states of a virtual router.

Knows their names, as keepalived prints them. The transitions stand in `halod.vrrp.table`.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["State"]


class State(Enum):
    """RFC 9568, 6.3, and keepalived's FAULT. The value is what `notify` prints."""

    # Members are singletons, and Enum's own hash is a call in Python: tables are looked up often.
    __hash__ = object.__hash__

    INITIALIZE = "INIT"
    """Not running: before the start and after the stop."""
    BACKUP = "BACKUP"
    """Listens to the master."""
    MASTER = "MASTER"
    """Holds the addresses and advertises."""
    FAULT = "FAULT"
    """Cannot take part: its link is unusable, or a tracker of weight 0 fails."""

"""Whether enough processes run, once it has been so for as long as the file says.

Knows counts and delays. Must not know how processes are counted.
"""

from __future__ import annotations

from halod.model.track_process import VrrpTrackProcess
from halod.model.units import Instant

__all__ = ["ProcessQuorum"]


class ProcessQuorum:
    """Of one `vrrp_track_process`."""

    def __init__(self, config: VrrpTrackProcess, before: bool | None = None) -> None:
        """`before`: what it was when somebody else watched; None: it is new."""
        self.config = config
        self.up = before
        """What it is; None: nobody has looked yet."""
        self._other_since: Instant | None = None

    def take(self, count: int, now: Instant) -> bool:
        """So many run now. Whether that changes what it is; the first look counts at once."""
        met = self.config.is_met(count)
        if met is self.up:
            self._other_since = None
            return False
        if self.up is not None:
            since = self._other_since = self._other_since or now
            wait = self.config.fork_delay if met else self.config.terminate_delay
            if now - since < wait:
                return False
        self.up, self._other_since = met, None
        return True

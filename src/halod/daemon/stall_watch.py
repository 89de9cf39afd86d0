"""Does the heartbeat hang, or the core that it is on?

Knows its pulse and what the kernel accounts of the cores. Must not know what follows.

To end a heartbeat that has no processor would help nobody: its successor may get the same core, and
three such ends in a minute keep halod down. What it held is safe meanwhile: the lease runs out by
itself, and when the heartbeat is back it finds that and listens first.
"""

from __future__ import annotations

from collections.abc import Callable

from halod.daemon.watch import HangWatch, stood_still
from halod.kernel.clock import boot_now
from halod.kernel.core_time import core_of, read_accounted_s
from halod.model.fact import Severity
from halod.model.units import Instant

__all__ = ["StallWatch"]


class StallWatch:
    """`HangWatch`, with patience for a machine that stands still."""

    def __init__(
        self,
        tell: Callable[[Severity, str], None],
        read: Callable[[], dict[int, float]] = read_accounted_s,
    ) -> None:
        self._tell = tell
        self._read = read
        self._hang = HangWatch()
        self._accounted_s: dict[int, float] = {}
        """By core, when the pulse was missed first."""
        self._since: Instant = boot_now()

    def restart(self) -> None:
        """A new child."""
        self._hang.restart()

    def look(self, pid: int, pulse: int) -> bool:
        """One tick; True where the child must be taken for hung."""
        hangs = self._hang.look(pulse)
        if self._hang.is_doubtful:
            self._accounted_s, self._since = self._read(), boot_now()
        if not hangs:
            return False
        core, now_s = core_of(pid), self._read()
        if core is None or core not in now_s or core not in self._accounted_s:
            return True
        elapsed_s = (boot_now() - self._since).ns / 1e9
        if not stood_still(self._accounted_s[core], now_s[core], elapsed_s):
            return True
        if not self._hang.is_spared:
            self._tell(
                Severity.WARNING,
                f"heartbeat process {pid} gets no processor: core {core} of this machine has stood "
                f"still for {elapsed_s:.1f} s (a hypervisor that is short of processors?); waiting "
                "for it",
            )
        return not self._hang.spare()

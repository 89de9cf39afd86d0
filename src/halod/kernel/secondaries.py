"""`promote_secondaries`: other addresses of a network stay when the first of them goes.

Knows one setting a link (ip-sysctl: net.ipv4.conf.LINK.promote_secondaries), and that it is put
back as it was. Must not know instances. For one thread.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from halod.kernel.sysctls import Sysctls

__all__ = ["Secondaries"]

FILE_NAME = "secondaries.json"


class Secondaries:
    """Of one daemon."""

    def __init__(self, run_dir: str) -> None:
        self._sysctls = Sysctls(Path(run_dir), FILE_NAME)
        self._held: frozenset[str] = frozenset()

    def hold(self, links: Collection[str]) -> str | None:
        """Set on these that are there, and as before on all others; the first failure."""
        wanted, reason = frozenset(links), None
        if not self._held <= wanted:
            reason = self.restore()
        self._held = wanted
        for link in sorted(wanted):
            setting = f"ipv4/conf/{link}/promote_secondaries"
            if self._sysctls.read(setting) is not None:
                reason = self._sysctls.change(setting, "1") or reason
        return reason

    def restore(self) -> str | None:
        """Also what a killed daemon has left; the first failure."""
        self._held = frozenset()
        return self._sysctls.restore()

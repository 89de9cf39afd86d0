"""What the supervisor says: a line for the log, a trouble for the log and for status.

Knows that a trouble is told once and stands in status until it is over. Must not know who has one.
"""

from __future__ import annotations

from collections.abc import Mapping

from halod.daemon.logs import Log
from halod.daemon.status import Status
from halod.model.fact import Severity

__all__ = ["Voice"]


class Voice:
    """Of the supervisor and of everything in its process."""

    def __init__(self, log: Log, status: Status) -> None:
        self._log = log
        self._status = status

    def tell(
        self, severity: Severity, text: str, fields: Mapping[str, object] | None = None
    ) -> None:
        """A line."""
        self._log.tell(severity, text, fields)

    def trouble(self, subject: str, text: str) -> None:
        """Something works worse than it should; an empty text: no longer."""
        if self._status.trouble(subject, text):
            self._log.tell(Severity.WARNING, f"{subject}: {text}")

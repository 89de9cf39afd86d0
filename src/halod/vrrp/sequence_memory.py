"""Where the sequences of one instance are remembered: those of auth_hmac, and those of AH.

Knows what must not be forgotten. Must not know what a sequence means, nor files.
"""

from __future__ import annotations

from typing import Protocol

from halod.model.address import IpAddress

__all__ = ["SENDERS_MAX", "SequenceMemory", "VolatileMemory"]

SENDERS_MAX = 4
"""Sources remembered, the one that was silent longest forgotten: a virtual router has a master and
a few backups, and only what was signed with our key takes a place."""


class SequenceMemory(Protocol):
    """What must not be forgotten when the process is started again."""

    def sent(self) -> int | None:
        """The last sequence that was signed; None: there was none."""

    def note_sent(self, sequence: int) -> None: ...

    def heard(self, source: IpAddress) -> int | None:
        """The last sequence of a source that counted; None: there was none, or it is forgotten."""

    def note_heard(self, source: IpAddress, sequence: int) -> None:
        """At most SENDERS_MAX sources stay, those heard last."""


class VolatileMemory:
    """Lasts as long as its process."""

    def __init__(self) -> None:
        self._sent: int | None = None
        self._heard: dict[IpAddress, int] = {}

    def sent(self) -> int | None:
        return self._sent

    def note_sent(self, sequence: int) -> None:
        self._sent = sequence

    def heard(self, source: IpAddress) -> int | None:
        return self._heard.get(source)

    def note_heard(self, source: IpAddress, sequence: int) -> None:
        self._heard.pop(source, None)
        self._heard[source] = sequence
        while len(self._heard) > SENDERS_MAX:
            del self._heard[next(iter(self._heard))]

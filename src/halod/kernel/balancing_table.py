"""What every engine can do that balances in the kernel: IPVS (`ipvs.py`) and nftables
(`nft_services.py`).

Knows the calls that the service process makes. Must not know who performs them, nor why. Each call
is made by one thread, waits for the kernel, and returns what was refused: none of them raises but
TableError, which means that the kernel answers to nothing at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from halod.model.balance_effect import SetTimeouts, StartSyncDaemon, StopSyncDaemon
from halod.model.endpoint import Endpoint, ServiceKey
from halod.model.service_table import (
    DestinationCounters,
    OperationFailure,
    ServiceTable,
    TableOperation,
)

__all__ = ["BalancingTable", "Counters", "TableError"]

Counters = Mapping[ServiceKey, Mapping[Endpoint, DestinationCounters]]


class TableError(Exception):
    """The kernel does not answer, or has no such table: the cause as a sentence."""


class BalancingTable(Protocol):
    """The tables of one network namespace: the one in which it was made."""

    def observe(self) -> ServiceTable:
        """Everything that stands there, whoever made it."""
        ...

    def apply(self, operations: Sequence[TableOperation]) -> tuple[OperationFailure, ...]:
        """In this order; what is refused is returned, and the rest is done."""
        ...

    def flush(self) -> str:
        """Removes every service; why it could not, or an empty text."""
        ...

    def counters(self) -> Counters:
        """What is counted of each destination; a destination may be missing."""
        ...

    def set_timeouts(self, wanted: SetTimeouts) -> str:
        """Why it could not, or an empty text; likewise below."""
        ...

    def start_sync(self, wanted: StartSyncDaemon) -> str: ...

    def stop_sync(self, wanted: StopSyncDaemon) -> str: ...

    def close(self) -> None:
        """Lets go of sockets; the tables go on."""
        ...

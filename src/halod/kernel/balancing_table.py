"""What every engine can do that balances in the kernel: IPVS (`ipvs.py`) and nftables
(`nft_services.py`).

Knows the calls that the service process makes. Must not know who performs them, nor why. Each call
is made by one thread and waits for the kernel. OSError: the kernel does not answer, or refuses what
is no operation on the table; its text is for an operator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from halod.model.balance_effect import SyncRole
from halod.model.endpoint import Endpoint, ServiceKey
from halod.model.service_table import (
    DestinationCounters,
    OperationFailure,
    ServiceTable,
    TableOperation,
)
from halod.model.virtual_server import LvsTimeouts, SyncDaemon

__all__ = ["BalancingTable", "Counters"]

Counters = Mapping[ServiceKey, Mapping[Endpoint, DestinationCounters]]


class BalancingTable(Protocol):
    """The table of one network namespace: the one in which it was opened."""

    def observe(self) -> ServiceTable:
        """Everything that stands there, whoever made it."""
        ...

    def apply(self, operations: Sequence[TableOperation]) -> Sequence[OperationFailure]:
        """In this order; what is refused is returned, and the rest is done."""
        ...

    def flush(self) -> None:
        """Removes every service."""
        ...

    def sweep(self) -> None:
        """Where no service stands, nothing else of ours does."""
        ...

    def counters(self) -> Counters:
        """What is counted of each destination; one may be missing."""
        ...

    def set_timeouts(self, timeouts: LvsTimeouts) -> None:
        """0 leaves one as it is."""
        ...

    def start_sync_daemon(self, role: SyncRole, daemon: SyncDaemon) -> None:
        """One that runs otherwise is ended and started anew."""
        ...

    def stop_sync_daemon(self, role: SyncRole) -> None:
        """That there is none is no error."""
        ...

    def close(self) -> None:
        """Lets go of sockets; the table goes on."""
        ...

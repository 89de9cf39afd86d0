"""Performs what the engine wants, and brings back what became of it.

Knows which adapter does which effect. Must not decide: what fails goes back in as an event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from halod.engine.ready import Ready
from halod.kernel.address_worker import AddressWorker
from halod.kernel.vrrp_socket import VrrpSockets
from halod.model.effect import (
    AnnounceAddresses,
    GrantAddresses,
    Notify,
    RenewAddresses,
    RevokeAddresses,
    SendAdvert,
)
from halod.model.event import AdvertSendFailed, Event
from halod.model.fact import Fact

__all__ = ["Driver"]


class Driver:
    """The heartbeat's hands."""

    def __init__(
        self, sockets: VrrpSockets, worker: AddressWorker, tell: Callable[[Fact], None]
    ) -> None:
        self._sockets = sockets
        self._worker = worker
        self._tell = tell

    def perform(self, ready: Ready) -> list[Event]:
        """Effects first, in their order, then the log; returns what failed."""
        failed: list[Event] = []
        for effect in ready.in_order():
            match effect:
                case SendAdvert():
                    reason = self._sockets.send(effect)
                    if reason is not None:
                        failed.append(AdvertSendFailed(effect.instance, reason))
                case GrantAddresses() | RenewAddresses() | RevokeAddresses() | AnnounceAddresses():
                    self._worker.submit(effect)
                case Notify():
                    # The new state is in the view and in shared memory before this is reached;
                    # scripts arrive with the runner process.
                    continue
                case _:
                    assert_never(effect)
        for fact in ready.facts:
            self._tell(fact)
        return failed

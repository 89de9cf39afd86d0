"""Performs what the balance engine wants, and brings back what the kernel refused.

Knows which call does which effect. Must not decide: what fails goes back in as an event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from halod.daemon.channel import Message
from halod.daemon.server_notice_message import server_notice_message
from halod.kernel.balancing_table import BalancingTable
from halod.model.balance_effect import (
    ApplyOperations,
    BalanceEffect,
    FlushTable,
    ServerNotice,
    SetTimeouts,
    StartSyncDaemon,
    StopSyncDaemon,
    SuspendChecks,
)
from halod.model.balance_event import OperationsFailed
from halod.model.service_table import OperationFailure
from halod.model.virtual_server import LvsTimeouts

__all__ = ["ServiceHands"]


class ServiceHands:
    """Of one table."""

    def __init__(
        self,
        table: BalancingTable,
        say: Callable[[Message], None],
        trouble: Callable[[str, str], None],
    ) -> None:
        self._table = table
        self._say = say
        self._trouble = trouble

    def perform(self, effect: BalanceEffect) -> OperationsFailed | None:
        """What the kernel refused of it."""
        match effect:
            case ApplyOperations():
                return self._apply(effect)
            case FlushTable():
                self._try("lvs_flush", self._table.flush)
            case SetTimeouts(tcp, tcp_fin, udp):
                timeouts = LvsTimeouts(tcp, tcp_fin, udp)
                self._try("lvs_timeouts", lambda: self._table.set_timeouts(timeouts))
            case StartSyncDaemon(role, daemon):
                self._try("lvs_sync_daemon", lambda: self._table.start_sync_daemon(role, daemon))
            case StopSyncDaemon(role):
                self._try("lvs_sync_daemon", lambda: self._table.stop_sync_daemon(role))
            case SuspendChecks(virtual_servers):
                self._say({"type": "suspend", "virtual_servers": sorted(virtual_servers)})
            case ServerNotice():
                self._say(server_notice_message(effect))
            case _:
                assert_never(effect)
        return None

    def leave(self) -> None:
        """After the last service was removed, for good."""
        self._try("virtual servers", self._table.sweep)

    def _apply(self, wanted: ApplyOperations) -> OperationsFailed | None:
        try:
            failures = tuple(self._table.apply(wanted.operations))
        except OSError as error:
            number, why = error.errno or 0, str(error.strerror or error)
            failures = tuple(OperationFailure(each, number, why) for each in wanted.operations)
        return OperationsFailed(failures) if failures else None

    def _try(self, subject: str, call: Callable[[], None]) -> None:
        try:
            call()
        except OSError as error:
            self._trouble(subject, str(error.strerror or error))
        else:
            self._trouble(subject, "")

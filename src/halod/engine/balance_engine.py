"""All virtual servers of one daemon behind one door: `handle(event, now) -> BalanceReady`.

Knows which pool an event concerns. Must not know a clock, a socket, or how an effect is done.

Before anything is changed in the kernel the table must have been observed once: what stands there
is adopted, and only what differs is touched. An observation must be of a moment at which everything
that was given out had been tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, assert_never

from halod.balance.member import Member
from halod.balance.names import virtual_names
from halod.balance.outbox import BalanceOutbox
from halod.balance.pool import Pool
from halod.balance.succession import retire, succeed
from halod.engine.balance_memory import (
    VERSION,
    Remembered,
    digest_of,
    key_data,
    orders_data,
    pool_data,
    remembered,
    restore,
)
from halod.engine.balance_ready import BalanceReady
from halod.engine.balance_stop import stop_notices
from halod.engine.balance_view import virtual_server_view
from halod.engine.sync_role import SyncRoles
from halod.engine.table_work import TableWork
from halod.model.balance_effect import (
    ApplyOperations,
    BalanceEffect,
    FlushTable,
    SetTimeouts,
    SuspendChecks,
)
from halod.model.balance_event import (
    AddressesHeld,
    Admin,
    AdminOrdered,
    BalanceEvent,
    BalanceStopRequested,
    BalanceTimerFired,
    OperationsFailed,
    ServersConfigured,
    TableObserved,
    Verdict,
    VrrpStateReported,
)
from halod.model.balance_fact import ChecksSuspended
from halod.model.balance_view import BalanceView, VirtualServerView
from halod.model.endpoint import Endpoint
from halod.model.service_table import TableOperation
from halod.model.units import Instant
from halod.model.virtual_server import LvsSettings, LvsTimeouts

__all__ = ["BalanceEngine"]

FLUSH_OWN = ("", "VS")
"""`lvs_flush_on_stop`: with these, services of others stay."""


class BalanceEngine:
    """The pure composition: pools, the table, and the doors."""

    def __init__(self, memory: Mapping[str, Any] | None = None) -> None:
        """`memory`: what `memory()` of an earlier life in this boot said."""
        self._remembered = remembered(memory or {})
        self._table = TableWork(self._remembered.made)
        self._pools: dict[str, Pool] = {}
        self._checks: dict[str, tuple[Pool, Member, int]] = {}
        """Name of a check to where it belongs."""
        self._settings = LvsSettings()
        self._sync = SyncRoles()
        self._addresses: frozenset[str] = frozenset()
        self._suspended: frozenset[str] = frozenset()
        self._ends: dict[tuple[str, Endpoint], Instant] = {}
        """When orders of operators end."""
        self._data: dict[str, dict[str, Any]] = {}
        """`pool_data` of pools that have not changed since."""
        self._digests: dict[str, int] = {}
        self._is_stopped = False

    # ---- the doors ---------------------------------------------------------------------------

    def handle(self, event: BalanceEvent, now: Instant) -> BalanceReady:
        """Everything that follows from one event. `now` is CLOCK_BOOTTIME and never runs back.

        The caller performs `effects` in their order, hands back what failed, tells `facts`, then
        arms its timer with `deadline()`.
        """
        out = BalanceOutbox()
        effects = self._dispatch(event, now, out)
        return BalanceReady.of([*effects, *out.notices], out.facts)

    def deadline(self) -> Instant | None:
        """When to send `BalanceTimerFired`; None: nothing is armed."""
        ends = min(self._ends.values(), default=None)
        retry = self._table.deadline()
        return min((due for due in (ends, retry) if due is not None), default=None)

    def view(
        self, now: Instant, first: int = 0, real_servers_max: int | None = None
    ) -> BalanceView:
        """What can be shown, in the order of the file.

        Of forty thousand servers that takes a second, so it can be had in parts: from the virtual
        server at place `first` on, until `real_servers_max` is reached (but at least one).
        """
        servers: list[VirtualServerView] = []
        size = 0
        for pool in islice(self._pools.values(), first, None):
            if servers and real_servers_max is not None and size >= real_servers_max:
                break
            servers.append(virtual_server_view(pool, self._table, now))
            size += len(pool.members)
        return BalanceView(
            servers=tuple(servers), total=len(self._pools), sync_role=self._sync.role
        )

    def memory(self) -> dict[str, Any]:
        """What the next life must know: plain data. After a stop: the orders of operators alone."""
        orders = orders_data(self._pools.values())
        if self._is_stopped:
            return {"version": VERSION, "made": [], "servers": {}, "orders": orders}
        for title, pool in self._pools.items():
            if title not in self._data:
                digest = self._digests.get(title)
                if digest is None:
                    digest = self._digests[title] = digest_of(pool)
                self._data[title] = pool_data(pool, digest)
        made = sorted(map(key_data, self._table.made))
        return {"version": VERSION, "made": made, "servers": dict(self._data), "orders": orders}

    # ---- events ------------------------------------------------------------------------------

    def _dispatch(
        self, event: BalanceEvent, now: Instant, out: BalanceOutbox
    ) -> list[BalanceEffect]:
        match event:
            case Verdict(check):
                found = self._checks.get(check)
                if found is None:
                    # Of a server that a reload has taken away meanwhile.
                    return []
                pool, member, number = found
                pool.take(member, number, event, now, out)
                return self._refresh([pool], now)
            case ServersConfigured():
                return self._configure(event, now, out)
            case TableObserved(table):
                return _apply(self._table.observe(table, now, out.facts))
            case OperationsFailed(failures):
                self._table.failed(failures, now, out.facts)
                return []
            case VrrpStateReported(instance, state):
                return self._sync.report(instance, state)
            case AddressesHeld(addresses):
                self._addresses = addresses
                return self._suspend(out)
            case AdminOrdered():
                return self._order(event, now, out)
            case BalanceTimerFired():
                return self._timer_fired(now, out)
            case BalanceStopRequested():
                return self._stop(out)
            case _:
                assert_never(event)

    def _refresh(self, pools: Iterable[Pool], now: Instant) -> list[BalanceEffect]:
        for pool in pools:
            self._data.pop(pool.title, None)
        return _apply(self._table.refresh(pools, now))

    def _order(self, event: AdminOrdered, now: Instant, out: BalanceOutbox) -> list[BalanceEffect]:
        pool = self._pools.get(event.virtual_server)
        member = pool.members.get(event.real_server) if pool else None
        if pool is None or member is None:
            return []
        pool.order(member, event.order, event.lasting, now, out)
        self._note_end(pool, member)
        return self._refresh([pool], now)

    def _note_end(self, pool: Pool, member: Member) -> None:
        place = pool.title, member.config.endpoint
        self._ends.pop(place, None)
        if member.admin_ends is not None:
            self._ends[place] = member.admin_ends

    def _timer_fired(self, now: Instant, out: BalanceOutbox) -> list[BalanceEffect]:
        over = [place for place, ends in self._ends.items() if ends <= now]
        pools = []
        for title, endpoint in over:
            del self._ends[title, endpoint]
            pool = self._pools[title]
            member = pool.members[endpoint]
            pool.order(member, Admin.ENABLED, None, now, out, expired=True)
            pools.append(pool)
        effects = self._refresh(pools, now)
        return effects + _apply(self._table.retry(now, out.facts))

    def _stop(self, out: BalanceOutbox) -> list[BalanceEffect]:
        self._is_stopped = True
        own = self._settings.flush_on_stop in FLUSH_OWN
        stop_notices(self._pools.values(), self._settings, out)
        removals = self._table.give_up()
        self._ends.clear()
        return [*(_apply(removals) if own else [FlushTable()]), *self._sync.stop()]

    # ---- configurations ----------------------------------------------------------------------

    def _configure(
        self, event: ServersConfigured, now: Instant, out: BalanceOutbox
    ) -> list[BalanceEffect]:
        self._is_stopped = False
        settings, before = event.settings, self._settings
        self._settings = settings
        effects = _set_timeouts(before.timeouts, settings.timeouts)
        old, self._pools = self._pools, {}
        names = virtual_names(event.servers, {title: pool.name for title, pool in old.items()})
        changed: list[str] = []
        for config in event.servers:
            title = config.title
            pool = old.get(title)
            # A reload hands down the same object where nothing changed.
            if pool is not None and (pool.config is config or pool.config == config):
                pool.settings, pool.name = settings, names[title]
            else:
                pool = Pool(config, names[title], settings)
                changed.append(title)
            self._pools[title] = pool
        for title, pool in old.items():
            if title not in self._pools:
                retire(pool, out)
                self._forget_data(title)
        for title in changed:
            self._begin(old.get(title), self._pools[title], now, out)
        self._remembered = Remembered()
        self._index(old, changed)
        pools = self._table.configure(self._pools, changed, settings.flush, event.places)
        effects += _apply(self._table.adopt(pools, now, out.facts))
        return [*effects, *self._sync.configure(settings.sync_daemon), *self._suspend(out)]

    def _begin(self, old: Pool | None, pool: Pool, now: Instant, out: BalanceOutbox) -> None:
        self._forget_data(pool.title)
        if old is not None:
            succeed(old, pool, now, out)
        else:
            pool.begin(now, out, known=restore(pool, self._remembered))

    def _forget_data(self, title: str) -> None:
        self._data.pop(title, None)
        self._digests.pop(title, None)

    def _index(self, old: Mapping[str, Pool], changed: Iterable[str]) -> None:
        """Where each check belongs, and when each order ends."""
        fresh = [self._pools[title] for title in changed]
        gone = [pool for title, pool in old.items() if self._pools.get(title) is not pool]
        for pool in gone:
            for name, _, _ in pool.config.checks():
                self._checks.pop(name, None)
            for endpoint in pool.members:
                self._ends.pop((pool.title, endpoint), None)
        for pool in fresh:
            title = pool.title
            for endpoint, member in pool.members.items():
                # As `VirtualServer.checks()` names them.
                for number in range(len(member.checks)):
                    self._checks[f"{title} {endpoint} {number}"] = pool, member, number
                self._note_end(pool, member)

    # ---- ha_suspend --------------------------------------------------------------------------

    def _suspend(self, out: BalanceOutbox) -> list[BalanceEffect]:
        """Which virtual servers are not checked, for their address is not held here."""
        for pool in self._pools.values():
            suspended = pool.config.ha_suspend and not self._is_held(pool)
            if suspended != pool.suspended:
                pool.suspended = suspended
                out.facts.append(ChecksSuspended(pool.title, pool.name, suspended))
        titles = frozenset(title for title, pool in self._pools.items() if pool.suspended)
        if titles == self._suspended:
            return []
        self._suspended = titles
        return [SuspendChecks(titles)]

    def _is_held(self, pool: Pool) -> bool:
        found = [str(key.endpoint.address) for key in pool.config.services if key.endpoint]
        return not found or any(address in self._addresses for address in found)


def _apply(operations: list[TableOperation]) -> list[BalanceEffect]:
    return [ApplyOperations(tuple(operations))] if operations else []


def _set_timeouts(before: LvsTimeouts, after: LvsTimeouts) -> list[BalanceEffect]:
    """Only where the file says something, or something else."""
    if after == before:
        return []
    return [SetTimeouts(after.tcp, after.tcp_fin, after.udp)]

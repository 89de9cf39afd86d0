"""The kernel's table: what is wanted, what is believed to stand there, what is to be done.

Knows services, and the pools that they belong to. Must not know why a pool is what it is.

Work is in proportion to what changed: a verdict looks at one destination of its own services, a
reload at the services of virtual servers that differ, an observation at what is not as believed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from halod.balance.desired import Layout, layouts_of, service_of
from halod.balance.plan import in_safe_order, operation_key, plan_destination, plan_service
from halod.balance.pool import Pool
from halod.engine.drift import Drift, DriftLedger
from halod.engine.held_table import HeldTable
from halod.engine.refusals import Refusals, means_done, words_of
from halod.model.balance_fact import BalanceFact
from halod.model.endpoint import Endpoint, ServiceKey
from halod.model.service_table import (
    Destination,
    OperationFailure,
    RemoveService,
    Service,
    ServiceTable,
    TableOperation,
)
from halod.model.table_fact import (
    OperationAccepted,
    OperationRefused,
    RefusalsUntold,
    TableAdopted,
)
from halod.model.units import Instant

__all__ = ["TableWork"]

TOLD_MAX = 8
"""Lines about refusals in one batch: a kernel without ip_vs refuses thousands for one reason."""


class TableWork:
    """Of one table."""

    def __init__(self, made: Iterable[ServiceKey] = ()) -> None:
        """`made`: services that halod made in an earlier life."""
        self.held = HeldTable()
        self.made = set(made)
        self._layouts: dict[str, tuple[Layout, ...]] = {}
        self._owners: dict[ServiceKey, tuple[Pool, Layout]] = {}
        self._services: dict[ServiceKey, Service] = {}
        self._given_up: set[ServiceKey] = set()
        """What a virtual server had that is gone or another one now."""
        self._contested: set[str] = set()
        """Virtual servers that name a service which another one has."""
        self._refusals = Refusals()
        self._drift = DriftLedger()
        self._flushes = False
        self._places: Mapping[str, str] = {}
        self._is_observed = False
        self._is_configured = False
        self._is_adopted = False

    # ---- what is wanted ----------------------------------------------------------------------

    def configure(
        self,
        pools: Mapping[str, Pool],
        changed: Collection[str],
        flush: bool,
        places: Mapping[str, str],
    ) -> list[Pool]:
        """The first configuration, or another. `changed`: titles of pools that are new or other
        ones; `flush`: what nobody wants is removed, whoever made it; `places`: FILE:LINE by title.
        Whose table is to be looked at: these, and those that may get now what another one had."""
        anew = self._contested | set(changed)
        for title in (self._layouts.keys() - pools.keys()) | anew:
            self._forget(title)
        looked_at = [pool for title, pool in pools.items() if title in anew]
        for pool in looked_at:
            self._learn(pool)
            pool.all_touched = True
        self._flushes = flush
        self._places = places
        self._is_configured = True
        return looked_at

    def _learn(self, pool: Pool) -> None:
        layouts = layouts_of(pool)
        for layout in layouts:
            # Two virtual servers with one service: the first in the file has it.
            free = tuple(key for key in layout.keys if key not in self._owners)
            if len(free) < len(layout.keys):
                self._contested.add(pool.title)
            layout.keys = free
            for key in layout.keys:
                self._owners[key] = pool, layout
                self._services[key] = service_of(pool.config, key)
            if self._is_adopted:
                self.made.update(layout.keys)
        self._layouts[pool.title] = layouts

    def _forget(self, title: str) -> None:
        self._contested.discard(title)
        for layout in self._layouts.pop(title, ()):
            for key in layout.keys:
                del self._owners[key], self._services[key]
                self._given_up.add(key)
                self._refusals.settle(key)

    # ---- what is to be done ------------------------------------------------------------------

    def refresh(self, pools: Iterable[Pool], now: Instant) -> list[TableOperation]:
        """What follows from what these pools have become."""
        operations: list[TableOperation] = []
        for pool in pools:
            if not (pool.touched or pool.all_touched):
                continue
            if self._is_adopted:
                operations += self._of_pool(pool)
            pool.touched.clear()
            pool.all_touched = False
        return self._go(operations, now)

    def _of_pool(self, pool: Pool) -> list[TableOperation]:
        operations: list[TableOperation] = []
        for layout in self._layouts[pool.title]:
            if pool.all_touched:
                operations += self._of_keys(layout.keys)
                continue
            places = {layout.places[member.config.endpoint] for member in pool.touched}
            wanted = [(place, layout.destination(place)) for place in places]
            for key in layout.keys:
                operations += self._of_places(key, wanted)
        return operations

    def _of_places(
        self, key: ServiceKey, wanted: Iterable[tuple[Endpoint, Destination | None]]
    ) -> list[TableOperation]:
        if key not in self.held.services:
            return []
        held = self.held.destinations(key)
        planned = (plan_destination(key, place, each, held.get(place)) for place, each in wanted)
        return in_safe_order([change for change in planned if change is not None], held)

    def _of_keys(self, keys: Iterable[ServiceKey]) -> list[TableOperation]:
        """Of whole services, wanted or not."""
        operations: list[TableOperation] = []
        wanted: tuple[Layout, dict[Endpoint, Destination]] | None = None
        for key in keys:
            owner = self._owners.get(key)
            if owner is None:
                if key in self.held.services:
                    operations.append(RemoveService(key))
                continue
            if wanted is None or wanted[0] is not owner[1]:
                wanted = owner[1], owner[1].destinations()
            held_service, held = self.held.services.get(key), self.held.destinations(key)
            operations += plan_service(self._services[key], wanted[1], held_service, held)
        return operations

    def _go(self, operations: list[TableOperation], now: Instant) -> list[TableOperation]:
        """What may be tried now, and is believed to be taken."""
        allowed = self._refusals.allowed(operations, now)
        self.held.apply(allowed)
        return allowed

    def adopt(
        self, pools: Iterable[Pool], now: Instant, facts: list[BalanceFact]
    ) -> list[TableOperation]:
        """After a configuration: `pools` are those that differ, and what is nobody's any more goes.
        The first time it takes both a configuration and an observation, and then it is all."""
        first = self._is_observed and self._is_configured and not self._is_adopted
        ours = set(self.held.services) if first and self._flushes else self.made
        operations = self.refresh(pools, now)
        if first:
            self._is_adopted = True
            operations = self._go(self._of_keys(self._services), now)
        if not self._is_adopted:
            return []
        unwanted = (set(self.held.services) if first else self._given_up) & ours
        unwanted -= self._services.keys()
        # In the order of the table, where there is anything to look for in it.
        gone = [key for key in self.held.services if key in unwanted] if unwanted else []
        self._given_up.clear()
        if first:
            facts.extend(self._adopted(operations, len(gone)))
            self.made |= self._services.keys()
        return operations + self._go([RemoveService(key) for key in gone], now)

    def _adopted(self, operations: list[TableOperation], gone: int) -> list[BalanceFact]:
        changed = {operation_key(operation)[0] for operation in operations}
        kept = len(self._services.keys() - changed)
        left = len(self.held.services.keys() - self._services.keys()) - gone
        if not (kept or gone or left):
            return []
        return [TableAdopted(kept, len(operations) + gone, left)]

    def give_up(self) -> list[TableOperation]:
        """A stop: all that halod made goes."""
        ours = self.made | self._services.keys()
        return [RemoveService(key) for key in self.held.services if key in ours]

    # ---- what the kernel says ----------------------------------------------------------------

    def observe(
        self, table: ServiceTable, now: Instant, facts: list[BalanceFact]
    ) -> list[TableOperation]:
        """The table, read after all that was wanted was tried."""
        if not self._is_adopted:
            self.held.observe(table)
            self._is_observed = True
            return self.adopt((), now, facts)
        drifts = [drift for key in self._services if (drift := self._drift_of(key, table))]
        self.held.observe(table)
        self.made = {key for key in self.made if key in self._services or key in table.services}
        again = self.retry(now, facts)
        astray = [drift.key for drift in drifts]
        astray += [key for key in table.services if key in self.made and key not in self._services]
        repairs = self._go(self._of_keys(astray), now)
        self._drift.tell([d for d in drifts if d.key not in self._refusals], repairs, now, facts)
        return again + repairs

    def _drift_of(self, key: ServiceKey, table: ServiceTable) -> Drift | None:
        held, found = self.held.services.get(key), table.services.get(key)
        before, after = self.held.destinations(key), table.destinations.get(key) or {}
        if held == found and before == after:
            return None
        return Drift(key, self._owners[key][0], (held, before), (found, after))

    def failed(
        self, failures: Iterable[OperationFailure], now: Instant, facts: list[BalanceFact]
    ) -> None:
        """What the kernel refused of what was wanted last."""
        untold = 0
        for failure in failures:
            if means_done(failure):
                continue
            self.held.refuse(failure.operation)
            again_in = self._refusals.take(failure, now)
            if again_in is None:
                continue
            if untold or len(facts) >= TOLD_MAX:
                untold += 1
                continue
            owner = self._owners.get(operation_key(failure.operation)[0])
            config = owner[0].config if owner else None
            facts.append(
                OperationRefused(
                    config.title if config else "",
                    owner[0].name if owner else "(removed)",
                    self._places.get(config.title, "") if config else "",
                    words_of(failure.operation),
                    failure.why,
                    again_in,
                )
            )
        if untold:
            facts.append(RefusalsUntold(untold))

    def retry(self, now: Instant, facts: list[BalanceFact]) -> list[TableOperation]:
        """What was refused and may be tried again; what needs no trying any more is told."""
        late = self._refusals.due(now)
        operations = self._of_keys(late)
        for key in self._refusals.places():
            if not self._of_keys([key]):
                self._refusals.settle(key)
                if key in self._owners:
                    pool = self._owners[key][0]
                    facts.append(OperationAccepted(pool.title, pool.name, str(key)))
        self.held.apply(operations)
        return operations

    def deadline(self) -> Instant | None:
        """When to `retry`; None: nothing was refused."""
        return self._refusals.deadline()

    def alarm(self, title: str) -> str | None:
        """What was refused of a virtual server; None: nothing."""
        if not self._refusals:
            return None
        keys = [key for layout in self._layouts.get(title, ()) for key in layout.keys]
        return "; ".join(why for key in keys if (why := self._refusals.why(key))) or None

    def weight_held(self, title: str, endpoint: Endpoint) -> int | None:
        """With which weight a server stands in the first of its services; None: it does not."""
        for layout in self._layouts.get(title, ()):
            for key in layout.keys:
                found = self.held.destinations(key).get(layout.places[endpoint])
                return None if found is None else found.weight
        return None

"""What somebody else changed in services that halod made, told once.

Knows what stood there and what stands there. Must not know how it is repaired.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from halod.balance.plan import operation_key
from halod.balance.pool import Pool
from halod.model.balance_fact import BalanceFact
from halod.model.endpoint import Endpoint, ServiceKey
from halod.model.service_table import Destination, Service, TableOperation
from halod.model.table_fact import RepairsUntold, TableRepaired
from halod.model.units import Duration, Instant

__all__ = ["Drift", "DriftLedger"]

TOLD_MAX = 8
"""Lines about one observation: after `ipvsadm -C` every service is to be repaired."""
TOLD_EVERY = Duration.seconds(600)
"""A service that is changed again and again, by another daemon say, is told of once in this."""
PLACES_MAX = 4
"""Destinations that one line names."""

_Stood = tuple[Service | None, Mapping[Endpoint, Destination]]


@dataclass(frozen=True, slots=True)
class Drift:
    """One service is not as it was left."""

    key: ServiceKey
    pool: Pool
    before: _Stood
    after: _Stood

    def sentence(self) -> str:
        """Who did what."""
        (service, before), (found, after) = self.before, self.after
        if found is None:
            return "somebody removed it"
        if service is None:
            return "somebody added it"
        said = ["changed how it is scheduled"] if service != found else []
        removed = [place for place in before if place not in after]
        added = [place for place in after if place not in before]
        changed = [place for place in before if place in after and before[place] != after[place]]
        for what, places in (("removed", removed), ("added", added), ("changed", changed)):
            if places:
                more = f" and {len(places) - PLACES_MAX} more" if len(places) > PLACES_MAX else ""
                said.append(f"{what} {', '.join(map(str, places[:PLACES_MAX]))}{more}")
        return f"somebody {', '.join(said)}"


class DriftLedger:
    """Who was told of what."""

    def __init__(self) -> None:
        self._told: dict[ServiceKey, Instant] = {}

    def tell(
        self,
        drifts: Iterable[Drift],
        repairs: Iterable[TableOperation],
        now: Instant,
        facts: list[BalanceFact],
    ) -> None:
        """A line for each service that is repaired, up to a limit."""
        counts = Counter(operation_key(repair)[0] for repair in repairs)
        lines, untold, untold_repairs = 0, 0, 0
        for drift in drifts:
            count = counts[drift.key]
            last = self._told.get(drift.key)
            if not count or (last is not None and now - last < TOLD_EVERY):
                continue
            self._told[drift.key] = now
            if lines == TOLD_MAX:
                untold, untold_repairs = untold + 1, untold_repairs + count
                continue
            lines += 1
            config = drift.pool.config
            what = drift.sentence()
            fact = TableRepaired(config.title, drift.pool.name, str(drift.key), what, count)
            facts.append(fact)
        if untold:
            facts.append(RepairsUntold(untold, untold_repairs))
        if len(self._told) > 2 * len(counts) + 1000:
            self._told = {key: at for key, at in self._told.items() if now - at < TOLD_EVERY}

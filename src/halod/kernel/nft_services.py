"""The table of virtual servers in nftables: reads it back, and performs operations on it.

Knows one pair of tables, and what it put there. Must not know which services are wanted. What a
service consists of is computed anew from what the kernel remembers of it (`book`), so that a daemon
that starts takes over what stands, and what somebody has changed is seen. A service is changed by
one transaction: before it all of the old, after it all of the new, and connections go on.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence

from halod.kernel.conntrack import forget_flows
from halod.kernel.flow_tally import FlowTally
from halod.kernel.nft_counters import counters_of
from halod.kernel.nft_tables import NftTables
from halod.kernel.route_lookup import RouteLookup
from halod.model.balance_effect import SyncRole
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.service_table import (
    AddDestination,
    Destination,
    DestinationCounters,
    OperationFailure,
    ServiceTable,
    TableOperation,
    UpdateDestination,
)
from halod.model.virtual_server import LvsTimeouts, Method, SyncDaemon
from halod.wire.nft_balancing import TABLE
from halod.wire.nft_difference import difference
from halod.wire.nft_flow_rules import FlowTimeouts
from halod.wire.nft_placing import number_of, refusals
from halod.wire.nft_readback import Readback, Record
from halod.wire.nft_service_rules import (
    NOTHING,
    Content,
    PlacedDestination,
    PlacedService,
    content_of,
)
from halod.wire.nft_slots import SLOTS_STEP
from halod.wire.nft_wanted import Wanted, key_of, wanted_of
from halod.wire.route_lookup import Way

__all__ = ["NftServices"]

BATCH_BYTES = 1 << 20
"""Of one transaction; services do not depend on each other, so that many go by several."""
_DRIFTED = (errno.ENOENT, errno.EEXIST)
"""What nftables answers where something is gone that should stand, or the other way round."""
_NO_SYNC = (
    "nftables has no lvs_sync_daemon: connections can be told to the other director by conntrackd"
)


class NftServices:
    """The tables of the network namespace in which it was opened. For one thread."""

    def __init__(self, name: str = TABLE) -> None:
        self._tables = NftTables(name)
        self._routes = RouteLookup()
        self._flows = FlowTally(name)
        self._timeouts = FlowTimeouts()
        self._is_read = False
        self._has_base = False
        self._placed: dict[ServiceKey, PlacedService] = {}
        self._remains: dict[ServiceKey, Content] = {}
        """Of services that somebody has touched."""
        self._strays = NOTHING
        self._numbers: set[int] = set()
        self._lost: dict[ServiceKey, PlacedService] = {}
        """What stood, and was found removed in the middle of a change."""

    def close(self) -> None:
        self._tables.close()
        self._routes.close()
        self._flows.close()

    # ---- reading ---------------------------------------------------------------------------

    def observe(self) -> ServiceTable:
        """The services that stand whole; raises OSError. Links that came since are hooked."""
        if not self._is_as_we_left_it():
            self._read()
        if any(placed.method is Method.DR for placed in self._placed.values()):
            self._tables.hook(self._routes.ethernet_links())
        return ServiceTable(
            {key: placed.service for key, placed in self._placed.items()},
            {
                key: {one.destination.endpoint: one.destination for one in placed.destinations}
                for key, placed in self._placed.items()
            },
        )

    def _is_as_we_left_it(self) -> bool:
        """Nobody has changed nftables since, and servers of DR are where they were."""
        if not self._tables.is_as_we_left_it():
            return False
        placed = [one for service in self._placed.values() for one in service.destinations]
        ways = self._ways(one.destination for one in placed)
        return all(_device(ways.get(one.destination.endpoint)) == one.device for one in placed)

    def _read(self) -> None:
        read = self._tables.read()
        self._is_read = True
        self._placed, self._remains, self._strays = {}, {}, NOTHING
        self._numbers.clear()
        self._has_base = read is not None and read.is_base_whole(self._timeouts)
        if read is None or not self._has_base:
            return
        records = read.records()
        ways = self._ways(one for record in records for one in record.destinations.values())
        contents = [self._adopt(read, record, ways) for record in records]
        self._strays = read.strays(contents)

    def _adopt(self, read: Readback, record: Record, ways: dict[Endpoint, Way | str]) -> Content:
        """Takes a service for what it is: whole, or what is left of it."""
        placed = PlacedService(
            record.number,
            record.service,
            _ordered(
                PlacedDestination(number, one, _device(ways.get(one.endpoint)))
                for number, one in record.destinations.items()
            ),
        )
        content = content_of(placed, self._timeouts)
        if read.has(content):
            self._placed[record.service.key] = placed
            self._numbers.update((record.number, *record.destinations))
        else:
            self._remains[record.service.key] = read.remains(content)
        return content

    def counters(self) -> dict[ServiceKey, dict[Endpoint, DestinationCounters]]:
        """New connections of each destination since it was added, and those that it has; raises
        OSError."""
        if not self._is_read:
            self._read()
        if not self._has_base:
            return {}
        return counters_of(self._placed.values(), self._tables.counted(), self._flows)

    # ---- changing --------------------------------------------------------------------------

    def apply(self, operations: Sequence[TableOperation]) -> list[OperationFailure]:
        """Performs them, each service at once; what was refused, while all the rest is done."""
        if not self._is_read:
            self._read()
        if not operations:
            return []
        failures = self._attempt(operations)
        if any(one.error_number in _DRIFTED for one in failures):
            # Somebody has changed the tables since they were read: all that stood is wanted.
            before = self._placed
            self._read()
            self._lost = {key: one for key, one in before.items() if key not in self._placed}
            failures = self._attempt(operations)
            self._lost = {}
        return failures

    def _attempt(self, operations: Sequence[TableOperation]) -> list[OperationFailure]:
        wanted = self._wanted(operations)
        failures = self._place(wanted)
        ready = [one.ready for one in wanted.values() if one.ready]
        self._prepare(is_direct=any(one.method is Method.DR for one in ready))
        return failures + self._commit(wanted)

    def _wanted(self, operations: Sequence[TableOperation]) -> dict[ServiceKey, Wanted]:
        wanted = {key: wanted_of(placed) for key, placed in self._lost.items()}
        for operation in operations:
            key = key_of(operation)
            if key not in wanted:
                wanted[key] = wanted_of(self._placed.get(key))
            wanted[key].take(operation)
        return wanted

    def _place(self, wanted: dict[ServiceKey, Wanted]) -> list[OperationFailure]:
        """Gives numbers and links; what nftables cannot take is left out and told."""
        ways = self._ways(d for one in wanted.values() for d in one.destinations.values())
        failures: list[OperationFailure] = []
        for key, one in wanted.items():
            if one.service is None:
                # Destinations of a service that is not there: like IPVS, no.
                failures += [
                    OperationFailure(operation, errno.ESRCH, f"{key} does not stand in the table")
                    for operation in one.operations
                    if isinstance(operation, AddDestination | UpdateDestination)
                ]
                continue
            refused = refusals(one.service, one.destinations, ways)
            failures += [
                OperationFailure(one.last_of(key, endpoint), 0, why)
                for endpoint, why in refused.items()
            ]
            one.ready = self._placed_service(key, one, refused, ways)
        return failures

    def _placed_service(
        self,
        key: ServiceKey,
        one: Wanted,
        refused: dict[Endpoint, str],
        ways: dict[Endpoint, Way | str],
    ) -> PlacedService:
        assert one.service is not None
        before = self._placed.get(key)
        numbers = {d.destination.endpoint: d.number for d in before.destinations} if before else {}
        number = before.number if before else self._number(str(key), SLOTS_STEP)
        return PlacedService(
            number,
            one.service,
            _ordered(
                PlacedDestination(
                    numbers.get(endpoint) or self._number(f"{key} {endpoint}"),
                    destination,
                    _device(ways.get(endpoint)),
                )
                for endpoint, destination in one.destinations.items()
                if endpoint not in refused
            ),
        )

    def _number(self, name: str, step: int = 1) -> int:
        number = number_of(name, self._numbers, step)
        self._numbers.add(number)
        return number

    def _content(self, key: ServiceKey) -> Content:
        """What stands of a service."""
        placed = self._placed.get(key)
        if placed is None:
            return self._remains.get(key, NOTHING)
        return content_of(placed, self._timeouts)

    # ---- transactions ----------------------------------------------------------------------

    def _commit(self, wanted: dict[ServiceKey, Wanted]) -> list[OperationFailure]:
        failures: list[OperationFailure] = []
        batch: dict[ServiceKey, Wanted] = {}
        size = 0
        for key, one in wanted.items():
            new = content_of(one.ready, self._timeouts) if one.ready else NOTHING
            one.changes = list(difference(self._tables.name, self._content(key), new))
            own = sum(len(payload) for *_, payload in one.changes)
            if batch and size + own > BATCH_BYTES:
                failures += self._commit_batch(batch)
                batch, size = {}, 0
            batch[key] = one
            size += own
        return failures + self._commit_batch(batch)

    def _commit_batch(self, batch: dict[ServiceKey, Wanted]) -> list[OperationFailure]:
        """All of it; without those of which the kernel refuses a message, as often as needed."""
        failures: list[OperationFailure] = []
        left = dict(batch)
        while left:
            whose = [key for key, one in left.items() for _ in one.changes]
            refused = self._tables.change([c for one in left.values() for c in one.changes])
            if not refused:
                for key, one in left.items():
                    failures += self._settle(key, one)
                return failures
            # A refused message names its service: the rest is not held up by it.
            for position, error in refused.items():
                one_refused = left.pop(whose[position], None)
                if one_refused is not None:
                    failures += one_refused.failures(error, _why(error))
        return failures

    def _settle(self, key: ServiceKey, done: Wanted) -> list[OperationFailure]:
        """It stands so in the kernel."""
        done.changes.clear()
        self._remains.pop(key, None)
        before = self._placed.pop(key, None)
        if done.ready is not None:
            self._placed[key] = done.ready
        if before is None:
            return []
        kept = done.ready.destinations if done.ready else ()
        stays = {one.number for one in kept}
        gone = [one for one in before.destinations if one.number not in stays]
        self._numbers.difference_update(one.number for one in gone)
        if done.ready is None:
            self._numbers.discard(before.number)
        return self._forget(key, done, [one.destination.endpoint for one in gone])

    def _forget(
        self, key: ServiceKey, done: Wanted, gone: list[Endpoint]
    ) -> list[OperationFailure]:
        """Datagrams that connection tracking would go on sending to servers that were removed."""
        if key.protocol not in (Protocol.UDP, None):
            return []
        failures = []
        for server in gone:
            try:
                forget_flows(self._tables.socket, key.endpoint, server, Protocol.UDP.value)
            except OSError as error:
                why = f"flows of datagrams may stay with {server}: {error.strerror}"
                failures.append(OperationFailure(done.operations[-1], error.errno or 0, why))
        return failures

    def _prepare(self, *, is_direct: bool) -> None:
        """What services stand on."""
        if not self._has_base:
            self._tables.make(self._timeouts)
            self._has_base = True
        elif self._strays.elements or self._strays.rules:
            strays = list(difference(self._tables.name, self._strays, NOTHING))
            self._tables.perform(strays, "to remove what is no service")
        self._strays = NOTHING
        if is_direct:
            self._tables.hook(self._routes.ethernet_links())

    def flush(self) -> None:
        """Both tables go, with all that is remembered in them."""
        self._tables.remove()
        self._read()

    def sweep(self) -> None:
        """The tables go where no service stands in them, whoever made it."""
        if self._has_base and not self._placed and not self._remains:
            self.flush()

    # ---- what only IPVS has ----------------------------------------------------------------

    @property
    def reads(self) -> int:
        """How often the tables were read back whole."""
        return self._tables.reads

    def set_timeouts(self, timeouts: LvsTimeouts) -> None:
        """Of flows of DR; connections of NAT are the connection tracking's."""
        default = FlowTimeouts()
        new = FlowTimeouts(
            default.opening,
            timeouts.tcp.whole_seconds or default.tcp,
            timeouts.tcp_fin.whole_seconds or default.tcp_fin,
            timeouts.udp.whole_seconds or default.udp,
        )
        if not self._has_base or new == self._timeouts:
            self._timeouts = new
            return
        self._tables.retime(new)
        old, self._timeouts = self._timeouts, new
        for placed in self._placed.values():
            before, after = content_of(placed, old), content_of(placed, new)
            changes = list(difference(self._tables.name, before, after))
            self._tables.perform(changes, str(placed.service.key))

    def start_sync_daemon(self, role: SyncRole, daemon: SyncDaemon) -> None:
        """Raises OSError: there is none."""
        raise OSError(errno.EOPNOTSUPP, f"{role.name.lower()}: {_NO_SYNC}")

    def stop_sync_daemon(self, role: SyncRole) -> None:
        """There is none to stop."""

    def _ways(self, destinations: Iterable[Destination]) -> dict[Endpoint, Way | str]:
        direct = [one.endpoint for one in destinations if one.forwarding.method is Method.DR]
        ways = self._routes.ways({endpoint.address: None for endpoint in direct})
        return {endpoint: ways[endpoint.address] for endpoint in direct}


def _ordered(destinations: Iterable[PlacedDestination]) -> tuple[PlacedDestination, ...]:
    """The same on both directors."""

    def place(one: PlacedDestination) -> tuple[int, int]:
        endpoint = one.destination.endpoint
        return int(endpoint.address), endpoint.port

    return tuple(sorted(destinations, key=place))


def _device(way: Way | str | None) -> int:
    return way.device if isinstance(way, Way) and not way.is_local else 0


def _why(error: int) -> str:
    return f"nftables refused it: {os.strerror(error)}"

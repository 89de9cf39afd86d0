"""What should be up and what should stand in the table, worked out the long way.

Knows keepalived's rules as `shared/KEEPALIVED.md` has them, and nothing of how `balance` is made:
no shortcut, everything anew after each event. State is kept only where the rules have a memory:
verdicts, orders, the quorum.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from halod.model.balance_event import Admin
from halod.model.check import Check, CheckTiming, FileCheck
from halod.model.endpoint import Endpoint, ServiceKey
from halod.model.virtual_server import Method, RealServer, VirtualServer

Table = dict[ServiceKey, dict[Endpoint, int]]
"""Services, and where something stands in each, with its weight."""


def identity(check: Check) -> Any:
    """What is asked, whenever that is."""
    return replace(check, timing=CheckTiming())


@dataclass
class Found:
    """What is known of one check."""

    up: bool
    known: bool = False
    weight: int | None = None


@dataclass
class OracleServer:
    config: RealServer
    found: dict[Any, Found] = field(default_factory=dict)
    admin: Admin = Admin.ENABLED
    ends: int | None = None

    @property
    def alive(self) -> bool:
        return self.admin is not Admin.DISABLED and all(each.up for each in self.found.values())

    @property
    def weight(self) -> int:
        weight = base = self.config.weight
        for check in self.config.checks:
            each = self.found[identity(check)]
            if each.up and each.weight is not None:
                weight += each.weight if isinstance(check, FileCheck) else each.weight - base
        return max(0, min(weight, 2**31 - 1))


class OraclePool:
    """One virtual server."""

    def __init__(self, config: VirtualServer, before: OraclePool | None = None) -> None:
        self.config = config
        self.servers: dict[Endpoint, OracleServer] = {}
        self.up: bool = before.up if before else False
        self.sorry: bool = before.sorry and config.sorry_server is not None if before else False
        for real in config.real_servers:
            old = before.servers.get(real.endpoint) if before else None
            self.servers[real.endpoint] = successor(real, old)
        if before is None or before.config != config:
            self.weigh(begins=True)

    def weigh(self, *, begins: bool = False) -> None:
        weight = sum(
            each.weight
            for each in self.servers.values()
            if each.alive and each.admin is Admin.ENABLED
        )
        quorum, hysteresis = self.config.quorum, self.config.hysteresis
        if self.up and (weight == 0 or weight < quorum - hysteresis):
            self.up, self.sorry = False, self.config.sorry_server is not None
        elif not self.up and weight >= quorum + hysteresis:
            self.up, self.sorry = True, False
        elif not self.up and begins:
            self.sorry = self.config.sorry_server is not None

    def stands(self, key: ServiceKey) -> dict[Endpoint, int]:
        """In one service."""
        port = key.endpoint.port if key.endpoint else 0
        standing: dict[Endpoint, int] = {}

        def put(endpoint: Endpoint, method: Method, weight: int) -> None:
            if method is not Method.NAT:
                endpoint = Endpoint(endpoint.address, port)
            standing[endpoint] = max(weight, standing.get(endpoint, 0))

        for each in self.servers.values():
            config, method = each.config, each.config.forwarding.method
            if each.admin is Admin.DISABLED:
                continue
            if each.alive and each.admin is Admin.DRAINING:
                put(config.endpoint, method, 0)
            elif each.alive and not self.sorry:
                put(config.endpoint, method, each.weight)
            elif config.inhibit_on_failure:
                put(config.endpoint, method, 0)
        sorry = self.config.sorry_server
        if sorry is not None and (self.sorry or sorry.inhibit):
            put(sorry.endpoint, sorry.forwarding.method, 1 if self.sorry else 0)
        return standing


def successor(real: RealServer, old: OracleServer | None) -> OracleServer:
    """A server of the new file."""
    new = OracleServer(real)
    if old is None:
        for check in real.checks:
            pessimistic = check.timing.alpha and not isinstance(check, FileCheck)
            new.found[identity(check)] = Found(up=not pessimistic)
        return new
    new.admin, new.ends = old.admin, old.ends
    kept = {identity(each) for each in real.checks} & old.found.keys()
    for check in real.checks:
        name = identity(check)
        new.found[name] = replace(old.found[name]) if name in kept else Found(up=True)
    known = [each for each in new.found.values() if each.known]
    if not all(each.up for each in known) or (not old.alive and not known):
        for check in real.checks:
            each = new.found[identity(check)]
            if not each.known and check.timing.alpha and not isinstance(check, FileCheck):
                each.up = False
    return new


class Oracle:
    """All of them."""

    def __init__(self) -> None:
        self.pools: dict[str, OraclePool] = {}

    def configure(self, servers: tuple[VirtualServer, ...]) -> None:
        old = self.pools
        self.pools = {}
        for each in servers:
            before = old.get(each.title)
            same = before is not None and before.config == each
            self.pools[each.title] = before if same else OraclePool(each, before)  # type: ignore[assignment]

    def verdict(self, title: str, endpoint: Endpoint, number: int, found: Found) -> None:
        pool = self.pools[title]
        server = pool.servers[endpoint]
        server.found[identity(server.config.checks[number])] = found
        pool.weigh()

    def order(self, title: str, endpoint: Endpoint, admin: Admin, ends: int | None) -> None:
        pool = self.pools[title]
        server = pool.servers[endpoint]
        server.admin, server.ends = admin, None if admin is Admin.ENABLED else ends
        pool.weigh()

    def tick(self, now_ns: int) -> None:
        for pool in self.pools.values():
            for endpoint, server in pool.servers.items():
                if server.ends is not None and server.ends <= now_ns:
                    self.order(pool.config.title, endpoint, Admin.ENABLED, None)

    def table(self) -> Table:
        return {
            key: pool.stands(key) for pool in self.pools.values() for key in pool.config.services
        }

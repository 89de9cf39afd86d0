"""A daemon's life by a seed: files, verdicts, orders, restarts, refusals and foreign hands.

Knows the engine by its doors alone, and a kernel with rules of its own: it refuses what exists
already and what does not exist. Virtual time.
"""

from __future__ import annotations

import errno
import json
import random
from dataclasses import replace
from typing import Any

from halod.balance.health import file_verdict
from halod.engine.balance_engine import BalanceEngine
from halod.model.balance_effect import ApplyOperations, ServerNotice
from halod.model.balance_event import (
    Admin,
    AdminOrdered,
    BalanceEvent,
    BalanceTimerFired,
    OperationsFailed,
    ServersConfigured,
    TableObserved,
    Verdict,
)
from halod.model.check import Check, CheckTiming, FileCheck, MiscCheck
from halod.model.command import Command
from halod.model.endpoint import Endpoint, ServiceKey
from halod.model.service_table import (
    AddDestination,
    AddService,
    Destination,
    OperationFailure,
    RemoveDestination,
    RemoveService,
    Service,
    ServiceTable,
    TableOperation,
    UpdateDestination,
    UpdateService,
)
from halod.model.units import Duration, Instant
from halod.model.virtual_server import (
    Forwarding,
    LvsSettings,
    Method,
    RealServer,
    SorryServer,
    VirtualServer,
)
from tests.balance.oracle import Found, Oracle
from tests.balance.servers import LOAD, VIP, endpoint, key, tcp

FOREIGN = key(9999)
PORTS = (80, 81, 82, 443)


class StrictKernel:
    """A table with the kernel's own errors."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.services: dict[ServiceKey, Service] = {}
        self.destinations: dict[ServiceKey, dict[Endpoint, Destination]] = {}
        self.refusing = 0.0
        """Share of operations that fail for no reason of ours."""
        self.must_serve: set[ServiceKey] = set()
        """What serves before and after the batch."""

    def apply(self, operations: tuple[TableOperation, ...]) -> list[OperationFailure]:
        failures = []
        for operation in operations:
            number = errno.ENOMEM if self.rng.random() < self.refusing else self._one(operation)
            if number:
                failures.append(OperationFailure(operation, number, errno.errorcode[number]))
            if not self.refusing:
                for each in self.must_serve:
                    assert self.serves(each), f"{each} is interrupted by {operation}"
        return failures

    def serves(self, each: ServiceKey) -> bool:
        return any(found.weight for found in self.destinations.get(each, {}).values())

    def _one(self, operation: TableOperation) -> int:
        match operation:
            case AddService(service):
                if service.key in self.services:
                    return errno.EEXIST
                self.services[service.key], self.destinations[service.key] = service, {}
            case UpdateService(service):
                if service.key not in self.services:
                    return errno.ESRCH
                self.services[service.key] = service
            case RemoveService(of):
                if of not in self.services:
                    return errno.ESRCH
                assert of != FOREIGN, "somebody else made it"
                del self.services[of], self.destinations[of]
            case AddDestination(of, destination) | UpdateDestination(of, destination):
                if of not in self.services:
                    return errno.ESRCH
                is_there = destination.endpoint in self.destinations[of]
                if is_there == isinstance(operation, AddDestination):
                    return errno.EEXIST if is_there else errno.ENOENT
                self.destinations[of][destination.endpoint] = destination
            case RemoveDestination(of, place):
                if of not in self.services:
                    return errno.ESRCH
                if self.destinations[of].pop(place, None) is None:
                    return errno.ENOENT
        return 0

    def table(self) -> ServiceTable:
        found = {of: dict(each) for of, each in self.destinations.items()}
        return ServiceTable(dict(self.services), found)

    def meddle(self) -> None:
        """Somebody else's hand."""
        if not self.services:
            return
        of = self.rng.choice(sorted(self.services.keys() - {FOREIGN}, key=str) or [FOREIGN])
        if of == FOREIGN:
            return
        match self.rng.randrange(4):
            case 0:
                del self.services[of], self.destinations[of]
            case 1:
                self.services[of] = replace(self.services[of], scheduler="mh")
            case 2:
                self.destinations[of].clear()
            case _:
                place = endpoint(f"10.0.0.{self.rng.randint(1, 9)}")
                self.destinations[of][place] = Destination(place, 7)


class RandomPlay:
    """One seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.kernel = StrictKernel(self.rng)
        self.kernel.services[FOREIGN] = Service(FOREIGN, "rr")
        self.kernel.destinations[FOREIGN] = {}
        self.oracle = Oracle()
        self.now = Instant(10**12)
        self.engine = BalanceEngine()
        self.settings = LvsSettings()
        self.servers: tuple[VirtualServer, ...] = ()
        self.told: dict[tuple[str, str], bool] = {}
        """What programs believe: (virtual server, real server or nothing) to up."""
        self.suspect = False
        """Refusals or foreign hands may have left traces."""
        self.diary: list[str] = []
        self.handle(TableObserved(self.kernel.table()))
        self.reload(told=False)

    # ---- making values -----------------------------------------------------------------------

    def check(self, address: str) -> Check:
        rng = self.rng
        alpha = rng.random() < 0.3
        match rng.randrange(4):
            case 0:
                timing = CheckTiming(alpha=alpha)
                return MiscCheck(timing=timing, command=Command(("/bin/x",)), dynamic=True)
            case 1:
                return FileCheck(timing=CheckTiming(), source=LOAD, weight=rng.choice((0, 1)))
            case _:
                return tcp(address, alpha=alpha, port=rng.choice((80, 81)), retry=rng.randrange(3))

    def real(self, number: int) -> RealServer:
        rng, address = self.rng, f"10.0.0.{number}"
        checks: dict[Any, Check] = {}
        for _ in range(rng.choice((0, 1, 1, 2, 3))):
            check = self.check(address)
            checks[replace(check, timing=CheckTiming())] = check
        return RealServer(
            endpoint=endpoint(address),
            weight=rng.choice((0, 1, 1, 5)),
            checks=tuple(checks.values()),
            inhibit_on_failure=rng.random() < 0.3,
            forwarding=Forwarding(rng.choice((Method.NAT, Method.DR))),
        )

    def virtual(self, port: int, more: list[int]) -> VirtualServer:
        rng = self.rng
        numbers = rng.sample(range(1, 6), rng.randint(0, 5))
        quorum = rng.choice((1, 1, 2, 4))
        sorry = SorryServer(
            endpoint=endpoint(f"10.0.0.{rng.choice((1, 8))}"), inhibit=rng.random() < 0.3
        )
        return VirtualServer(
            name=f"{VIP} {port}",
            services=tuple(key(each) for each in (port, *more)),
            scheduler=rng.choice(("wlc", "rr")),
            real_servers=tuple(map(self.real, numbers)),
            sorry_server=sorry if rng.random() < 0.5 else None,
            quorum=quorum,
            hysteresis=rng.randrange(quorum),
        )

    def file(self) -> tuple[VirtualServer, ...]:
        rng = self.rng
        ports = rng.sample(PORTS, rng.randint(1, 4))
        split = rng.randint(1, len(ports))
        made = []
        for number, port in enumerate(ports[:split]):
            old = next((each for each in self.servers if each.name == f"{VIP} {port}"), None)
            more = ports[split:] if number == 0 else []
            if old is not None and rng.random() < 0.5:
                made.append(replace(old, services=tuple(key(each) for each in (port, *more))))
            else:
                made.append(self.virtual(port, more))
        return tuple(made)

    # ---- what happens ------------------------------------------------------------------------

    def handle(self, event: BalanceEvent) -> None:
        """And what follows from it."""
        self.diary.append(f"{type(event).__name__} {self.now.ns // 10**9}")
        waiting = [event]
        while waiting:
            ready = self.engine.handle(waiting.pop(0), self.now)
            for effect in ready.effects:
                match effect:
                    case ApplyOperations(operations):
                        failures = self.kernel.apply(operations)
                        if failures:
                            self.suspect = True
                            waiting.append(OperationsFailed(tuple(failures)))
                    case ServerNotice():
                        self.notice(effect)
                    case _:
                        pass

    def notice(self, notice: ServerNotice) -> None:
        if notice.mail_only:
            return
        who = notice.virtual_server, notice.real_server
        before = self.told.get(who)
        assert before != notice.up, f"{who} is told twice to be {'up' if notice.up else 'down'}"
        self.told[who] = notice.up

    def step(self) -> None:
        serving = {each for each in self.kernel.services if self.kernel.serves(each)}
        match self.rng.choices(
            ("verdict", "order", "wait", "reload", "restart", "meddle", "refuse"),
            (60, 8, 12, 6, 3, 3, 2),
        )[0]:
            case "verdict":
                self.verdict(serving)
            case "order":
                self.order(serving)
            case "wait":
                self.wait(self.rng.choice((1, 7, 40)))
            case "reload":
                self.reload(serving=serving)
            case "restart":
                self.restart()
            case "meddle":
                self.kernel.meddle()
                self.suspect = True
                self.look()
            case _:
                self.kernel.refusing = 0.0 if self.kernel.refusing else 0.3
        self.compare()

    def guard(self, serving: set[ServiceKey]) -> None:
        """What serves now and should serve afterwards must serve all the time."""
        wanted = self.oracle.table()
        self.kernel.must_serve = {
            each for each in serving if not self.suspect and any(wanted.get(each, {}).values())
        }

    def verdict(self, serving: set[ServiceKey]) -> None:
        found = [
            (server.title, real, number)
            for server in self.servers
            for real in server.real_servers
            for number in range(len(real.checks))
        ]
        if not found:
            return
        title, real, number = self.rng.choice(found)
        name, check = f"{title} {real.endpoint} {number}", real.checks[number]
        verdict = Verdict(name, self.rng.random() < 0.6, None, "found")
        if isinstance(check, FileCheck):
            verdict = file_verdict(name, check, self.rng.choice((0, 0, 3, -2, -(2**31))))
        elif isinstance(check, MiscCheck) and verdict.up:
            verdict = replace(verdict, weight=self.rng.choice((None, 0, 3)))
        moved = verdict.weight if verdict.up else None
        self.oracle.verdict(title, real.endpoint, number, Found(verdict.up, True, moved))
        self.guard(serving)
        self.handle(verdict)

    def order(self, serving: set[ServiceKey]) -> None:
        found = [(server.title, real) for server in self.servers for real in server.real_servers]
        if not found:
            return
        title, real = self.rng.choice(found)
        order = self.rng.choice(list(Admin))
        lasting = self.rng.choice((None, Duration.seconds(20)))
        ends = None if lasting is None else (self.now + lasting).ns
        self.oracle.order(title, real.endpoint, order, ends)
        self.guard(serving)
        self.handle(AdminOrdered(title, real.endpoint, order, lasting))

    def wait(self, seconds: int) -> None:
        """Timers fire when they are due, and the table is read every ten seconds."""
        end = self.now + Duration.seconds(seconds)
        look = self.now + Duration.seconds(10)
        while True:
            due = self.engine.deadline()
            upcoming = min(look, end) if due is None else min(look, end, due)
            self.now = max(self.now, upcoming)
            self.oracle.tick(self.now.ns)
            self.kernel.must_serve = set()
            if due is not None and due <= self.now:
                self.handle(BalanceTimerFired())
                after = self.engine.deadline()
                assert after is None or after > self.now, "a timer must move on"
            elif self.now >= look:
                self.look()
                look = self.now + Duration.seconds(10)
            elif self.now >= end:
                return

    def look(self) -> None:
        self.kernel.must_serve = set()
        self.handle(TableObserved(self.kernel.table()))
        if not self.kernel.refusing and self.engine.deadline() is None:
            self.suspect = False

    def reload(self, *, told: bool = True, serving: set[ServiceKey] | None = None) -> None:
        self.servers = self.file()
        before = self.oracle.pools
        self.oracle.configure(self.servers)
        if serving is None:
            self.guard(set())
        else:
            self.guard(serving & {k for pool in before.values() for k in pool.config.services})
        self.handle(ServersConfigured(self.servers, self.settings))
        self.forget_unknown()

    def forget_unknown(self) -> None:
        """What is new begins untold; of what is gone nobody is told any more."""
        named = set()
        for server in self.servers:
            vs = f"[{VIP}]:tcp:{server.name.split()[1]}"
            named.add((vs, ""))
            for real in server.real_servers:
                named.add((vs, f"[{real.endpoint.address}]:tcp:80"))
        self.told = {who: up for who, up in self.told.items() if who in named}

    def restart(self) -> None:
        """Over the same table, with what was remembered: nothing changes, nobody is told."""
        memory = json.loads(json.dumps(self.engine.memory()))
        self.engine = BalanceEngine(memory)
        before, table = dict(self.told), self.kernel.table()
        quiet = not self.suspect and not self.kernel.refusing
        self.kernel.must_serve = set()
        self.handle(TableObserved(table))
        self.handle(ServersConfigured(self.servers, self.settings))
        assert self.told == before
        if quiet:
            assert self.kernel.table() == table

    # ---- what must hold ----------------------------------------------------------------------

    def compare(self) -> None:
        for pool in self.oracle.pools.values():
            vs = f"[{VIP}]:tcp:{pool.config.name.split()[1]}"
            assert self.told.get((vs, ""), False) == pool.up, vs
            for place, server in pool.servers.items():
                believed = self.told.get((vs, f"[{place.address}]:tcp:80"))
                assert believed in (None, server.alive), (vs, str(place))
        shown = {each.name: each for each in self.engine.view(self.now).servers}
        for title, pool in self.oracle.pools.items():
            assert (shown[title].state == "UP") == pool.up
            assert shown[title].uses_sorry_server == pool.sorry
        if not self.suspect:
            self.compare_table()

    def compare_table(self) -> None:
        standing = {
            each: {place: found.weight for place, found in places.items()}
            for each, places in self.kernel.destinations.items()
            if each != FOREIGN
        }
        assert standing == self.oracle.table()
        assert FOREIGN in self.kernel.services

    def settle(self) -> None:
        """The faults stop: a while later all is as wanted."""
        self.kernel.refusing = 0.0
        self.wait(200)
        assert not self.suspect, "what was refused is accepted within three minutes"
        self.compare()
        assert all(each.alarm is None for each in self.engine.view(self.now).servers)

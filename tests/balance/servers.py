"""Virtual servers for tests, and an engine with a kernel that takes what it is told.

Knows how to make values. The kernel here is `plan.applied`, the meaning of each operation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

from halod.balance.plan import applied
from halod.engine.balance_engine import BalanceEngine
from halod.engine.balance_ready import BalanceReady
from halod.model.balance_effect import ApplyOperations, FlushTable, ServerNotice, ServerSubject
from halod.model.balance_event import (
    Admin,
    AdminOrdered,
    BalanceEvent,
    ServersConfigured,
    TableObserved,
    Verdict,
)
from halod.model.check import Check, CheckTiming, Connection, TcpCheck
from halod.model.command import Command
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.service_table import Destination, Service, ServiceTable, TableOperation
from halod.model.track_file import VrrpTrackFile
from halod.model.units import Duration, Instant
from halod.model.virtual_server import LvsSettings, RealServer, SorryServer, VirtualServer

VIP = "192.0.2.1"


def endpoint(address: str, port: int = 80) -> Endpoint:
    return Endpoint(IPv4Address(address), port)


def tcp(address: str, *, alpha: bool = False, port: int = 80, **given: Any) -> TcpCheck:
    timing = CheckTiming(alpha=alpha, delay_loop=Duration.seconds(5))
    connection = Connection(to=endpoint(address, port))
    return TcpCheck(timing=replace(timing, **given), connection=connection)


LOAD = VrrpTrackFile(name="load", path="/run/load")


def real(
    number: int,
    *,
    checks: int = 1,
    alpha: bool = False,
    checks_: tuple[Check, ...] | None = None,
    **given: Any,
) -> RealServer:
    """10.0.0.NUMBER, with programs and mail. `checks`: how many of TCP_CHECK, none of which is as
    another; `checks_`: others."""
    address = f"10.0.0.{number}"
    plain = RealServer(
        endpoint=endpoint(address),
        checks=tuple(tcp(address, alpha=alpha, port=80 + at) for at in range(checks))
        if checks_ is None
        else checks_,
        notify_up=Command(("/bin/up", address)),
        notify_down=Command(("/bin/down", address)),
        mail=True,
    )
    return replace(plain, **given)


def key(port: int = 80, address: str = VIP) -> ServiceKey:
    return ServiceKey(4, Protocol.TCP, endpoint(address, port))


def virtual(*servers: RealServer, port: int = 80, **given: Any) -> VirtualServer:
    """192.0.2.1 PORT, with programs and mail."""
    plain = VirtualServer(
        name=f"{VIP} {port}",
        services=(key(port),),
        real_servers=servers,
        quorum_up=Command(("/bin/quorum", "up")),
        quorum_down=Command(("/bin/quorum", "down")),
        mail=True,
    )
    return replace(plain, **given)


SORRY = SorryServer(endpoint=endpoint("10.0.9.9"))


class Kernel:
    """An engine, and the table that it makes."""

    def __init__(
        self, memory: dict[str, Any] | None = None, table: ServiceTable | None = None
    ) -> None:
        self.engine = BalanceEngine(memory)
        self.table = table or ServiceTable()
        self.now = Instant(10**9)
        self.facts: list[str] = []
        self.lines: list[str] = []
        """What was told of servers, in order."""
        self.mails: list[str] = []
        self.operations = 0
        self.last = BalanceReady()

    def start(self, *servers: VirtualServer, **settings: Any) -> Kernel:
        self.handle(TableObserved(self.table))
        return self.configure(*servers, **settings)

    def configure(self, *servers: VirtualServer, **settings: Any) -> Kernel:
        places = {each.title: f"halod.conf:{number * 80}" for number, each in enumerate(servers, 1)}
        self.handle(ServersConfigured(servers, LvsSettings(**settings), places))
        return self

    def handle(self, event: BalanceEvent) -> BalanceReady:
        self.last = ready = self.engine.handle(event, self.now)
        for effect in ready.effects:
            match effect:
                case ApplyOperations(operations):
                    self.operations += len(operations)
                    self.apply(operations)
                case FlushTable():
                    self.table = ServiceTable()
                case ServerNotice():
                    self._told(effect)
                case _:
                    pass
        self.facts += [fact.sentence() for fact in ready.facts]
        return ready

    def apply(self, operations: tuple[TableOperation, ...]) -> None:
        """What the kernel does with them."""
        self.table = applied(self.table, operations)

    def _told(self, notice: ServerNotice) -> None:
        word = "UP" if notice.up else "DOWN"
        if not notice.mail_only:
            of = f" {notice.virtual_server}" if notice.subject is ServerSubject.REAL else ""
            name = notice.real_server or notice.virtual_server
            run = f" > {' '.join(notice.command.argv)}" if notice.command else ""
            self.lines.append(f"{notice.subject.value} {name}{of} {word}{run}")
        if notice.mail_subject:
            self.mails.append(f"{notice.mail_subject} | {notice.mail_text}")

    def verdict(
        self, number: int, up: bool, *, check: int = 0, port: int = 80, **given: Any
    ) -> BalanceReady:
        name = f"{VIP} {port} tcp [10.0.0.{number}]:80 {check}"
        return self.handle(Verdict(name, up, given.get("weight"), given.get("detail", "")))

    def order(self, number: int, order: Admin, lasting_s: int | None = None) -> BalanceReady:
        lasting = None if lasting_s is None else Duration.seconds(lasting_s)
        title = f"{VIP} 80 tcp"
        return self.handle(AdminOrdered(title, endpoint(f"10.0.0.{number}"), order, lasting))

    def wait(self, seconds: float) -> None:
        self.now = self.now + Duration(round(seconds * 10**9))

    def standing(self, port: int = 80) -> dict[str, int]:
        """Last number of the address to weight."""
        found = self.table.destinations.get(key(port), {})
        return {str(each.address).removeprefix("10.0.0."): d.weight for each, d in found.items()}

    def told(self) -> list[str]:
        """What was told since it was asked last."""
        lines, self.lines = self.lines, []
        return lines

    def said(self) -> list[str]:
        """Facts since it was asked last."""
        facts, self.facts = self.facts, []
        return facts


def table_of(services: Iterable[tuple[ServiceKey, dict[str, int]]]) -> ServiceTable:
    """Services of wlc with destinations by NAT."""
    made = dict(services)
    return ServiceTable(
        {each: Service(each, "wlc") for each in made},
        {
            each: {
                endpoint(address): Destination(endpoint(address), weight)
                for address, weight in found.items()
            }
            for each, found in made.items()
        },
    )

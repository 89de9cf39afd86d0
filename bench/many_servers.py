"""What tens of thousands of real servers cost the balance engine: `python -m bench.many_servers`.

Knows the engine alone: no socket, no file, no kernel's table; below it stands what the way from the
file takes (`bench.many_servers_file`). Processor time, the least of several runs: that is what the
code costs, whatever else the machine does; it is told how fast that was meanwhile.

The site is that of a public report on keepalived: 2,277 virtual servers with 37,205 real ones.
"""

from __future__ import annotations

import gc
import json
import pickle
import time
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address
from typing import TypeVar

from bench.many_servers_file import REAL, VIRTUAL
from bench.many_servers_file import main as the_way_of_the_file
from halod.balance.health import CheckHealth
from halod.balance.plan import applied
from halod.engine.balance_engine import BalanceEngine
from halod.model.balance_effect import ApplyOperations
from halod.model.balance_event import ServersConfigured, TableObserved, Verdict
from halod.model.check import CheckTiming, Connection, TcpCheck
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.service_table import ServiceTable
from halod.model.units import Duration, Instant
from halod.model.virtual_server import LvsSettings, RealServer, VirtualServer

RUNS = 3
VERDICTS = 2000
NOW = Instant(10**9)
T = TypeVar("T")


def site() -> tuple[VirtualServer, ...]:
    """All of them, by NAT, each real server with one TCP_CHECK at a 5 s loop."""
    made, first = [], 0
    for number in range(VIRTUAL):
        last = REAL * (number + 1) // VIRTUAL
        vip = Endpoint(IPv4Address(0x0A000000 + number), 80)
        servers = []
        for at in range(first, last):
            place = Endpoint(IPv4Address(0x0B000000 + at), 80)
            timing = CheckTiming(delay_loop=Duration.seconds(5))
            check = TcpCheck(timing=timing, connection=Connection(to=place))
            servers.append(RealServer(endpoint=place, checks=(check,)))
        made.append(
            VirtualServer(
                name=f"{vip.address} 80",
                services=(ServiceKey(4, Protocol.TCP, vip),),
                real_servers=tuple(servers),
            )
        )
        first = last
    return tuple(made)


def timed(what: str, call: Callable[[], T], times: int = 1, runs: int = 1) -> T:
    """Prints what one of `times` took, in the fastest of `runs`."""
    found, fastest = _once(call)
    for _ in range(runs - 1):
        found, took = _once(call)
        fastest = min(fastest, took)
    spent = fastest / times
    shown = f"{spent * 1e6:8.1f} us" if spent < 1e-3 else f"{spent * 1e3:8.1f} ms"
    print(f"{shown}  {what}")
    return found


def _once(call: Callable[[], T]) -> tuple[T, float]:
    gc.collect()
    before = time.process_time()
    found = call()
    return found, time.process_time() - before


def started(servers: tuple[VirtualServer, ...]) -> tuple[BalanceEngine, ServiceTable]:
    """An engine, and the table that it made."""
    engine = BalanceEngine()
    engine.handle(TableObserved(ServiceTable()), NOW)
    ready = engine.handle(ServersConfigured(servers, LvsSettings()), NOW)
    table = ServiceTable()
    for effect in ready.effects:
        if isinstance(effect, ApplyOperations):
            table = applied(table, effect.operations)
    return engine, table


def pace() -> float:
    """Five million additions, seconds: 0.15 to 0.3 s on the machines that these figures are of."""
    before, total = time.process_time(), 0
    for number in range(5_000_000):
        total += number
    return time.process_time() - before


def main() -> None:
    print(f"{pace():.2f} s of processor time for 5 million additions")
    servers = site()
    print(f"{VIRTUAL} virtual servers with {REAL} real servers; processor time, least of {RUNS}")
    # As they come from another process: nothing is the same object.
    again: tuple[VirtualServer, ...] = pickle.loads(pickle.dumps(servers))
    fewer = (replace(again[0], real_servers=again[0].real_servers[1:]), *again[1:])
    gc.freeze()

    def first() -> None:
        engine = BalanceEngine()
        engine.handle(TableObserved(ServiceTable()), NOW)
        engine.handle(ServersConfigured(servers, LvsSettings()), NOW)

    timed("first configuration, with its plan", first, runs=RUNS)
    engine, table = started(servers)
    found = pickle.loads(pickle.dumps(table))
    timed("the table read back, as it should be", lambda: engine.handle(TableObserved(found), NOW))
    settings = LvsSettings()
    timed("reload, nothing changed", lambda: engine.handle(ServersConfigured(again, settings), NOW))
    timed("reload, one server less", lambda: engine.handle(ServersConfigured(fewer, settings), NOW))
    names = [name for server in fewer for name, _, _ in server.checks()]

    def verdicts(up: bool) -> None:
        for name in names[:VERDICTS]:
            engine.handle(Verdict(name, up, None, "found"), NOW)

    timed("a first verdict that changes nothing", lambda: verdicts(True), VERDICTS)
    timed("a verdict that takes a server out", lambda: verdicts(False), VERDICTS)
    timed("a verdict that brings it back", lambda: verdicts(True), VERDICTS)
    for name in names:
        engine.handle(Verdict(name, True), NOW)
    memory = timed("what is remembered, all of it", engine.memory)
    engine.handle(Verdict(names[0], False), NOW)
    memory = timed("what is remembered, after one verdict", engine.memory)
    print(f"{len(json.dumps(memory)) / 1e3:8.0f} kB  of memory for the next life")
    timed("the view, a page of 1,000 real servers", lambda: engine.view(NOW, 0, 1000))
    health = [CheckHealth(name, check) for each in servers for name, _, check in each.checks()]

    def results() -> None:
        for each in health:
            each.finished(True, "", NOW)

    results()
    timed("a result of a check that changes nothing", results, len(health), runs=RUNS)
    the_way_of_the_file()
    print(f"{pace():.2f} s of processor time for 5 million additions")


if __name__ == "__main__":
    main()

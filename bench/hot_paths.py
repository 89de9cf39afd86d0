"""What one advert costs the engine, in processor time: `python -m bench.hot_paths`.

Knows the engine, and what is noted beside it: no socket, no clock but the one that measures. The
least of several runs is printed, for that is what the code costs; the rest is what else the machine
did.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from tests.kit.build import ETH, LB01, LB02, MS, at, instance, link, received

from halod.engine.vrrp_engine import VrrpEngine
from halod.kernel.clock import boot_ns
from halod.model.event import GateObserved, LinkObserved, Started, TimerFired
from halod.model.lateness import Lateness
from halod.model.units import Duration
from halod.model.vrrp import LeaseMode, VrrpInstance, VrrpVersion
from halod.wire import ipv4

INSTANCES = 255
"""As many as a link has VRIDs."""
INTERVAL = MS * 100
"""Of VRRPv3, the same as in `bench.guard`."""
ROUNDS = 60
"""Two of BACKSTOP_EVERY: lifetimes are renewed in it."""
RUNS = 7
HEARD = at(0.1)


def fast_instance(number: int, priority: int = 100) -> VrrpInstance:
    """One of them."""
    return instance(
        name=f"VI_{number}",
        virtual_router_id=number,
        version=VrrpVersion.V3,
        advert_interval=INTERVAL,
        priority=priority,
    )


def engine_of(number: int, *, gated: bool = False) -> VrrpEngine:
    """Backups that have just started."""
    engine = VrrpEngine([fast_instance(n) for n in range(1, number + 1)])
    engine.handle(LinkObserved(link(LB02)), at(0))
    if gated:
        engine.handle(GateObserved(ETH, LeaseMode.BPF, hangs=True), at(0))
    engine.handle(Started(), at(0))
    return engine


def least_us(run: Callable[[], int]) -> float:
    """Microseconds of processor time for each of the things that a run did."""
    best = float("inf")
    for _ in range(RUNS):
        began = time.process_time_ns()
        done = run()
        best = min(best, (time.process_time_ns() - began) / done / 1000)
    return best


def adverts_of_a_master(number: int, *, gated: bool = False) -> float:
    """TimerFired to Ready, with the question for the next deadline."""
    engine = engine_of(number, gated=gated)
    while (due := engine.deadline()) is not None and due < at(10):
        engine.handle(TimerFired(), due)

    def run() -> int:
        due = engine.deadline()
        assert due is not None
        end = due + INTERVAL * ROUNDS
        while (due := engine.deadline()) is not None and due < end:
            engine.handle(TimerFired(), due)
        return number * ROUNDS

    return least_us(run)


def adverts_to_a_backup(*, repeated: bool) -> float:
    """The advert that is followed, by `repeat` or by `handle`."""
    engine = engine_of(INSTANCES)
    events = [received(fast_instance(n, priority=150), LB01) for n in range(1, INSTANCES + 1)]
    packets = [ipv4.encode(event) for event in events]
    for event in events:
        engine.handle(event, HEARD)

    def by_repeat() -> int:
        for number in range(ROUNDS):
            # One look at the clock for all that wait, as in the loop of the heartbeat.
            now = HEARD + Duration(number)
            for packet in packets:
                assert engine.repeat(ETH, packet, now)
        return ROUNDS * INSTANCES

    def by_handle() -> int:
        for number in range(ROUNDS):
            for event in events:
                engine.handle(event, HEARD + Duration(number))
        return ROUNDS * INSTANCES

    return least_us(by_repeat if repeated else by_handle)


def notes_of_lateness() -> float:
    """One advert that was in time: a look at the clock, and its bucket."""
    late = Lateness()
    budget_ns, due_ns = 10_000_000, boot_ns()

    def run() -> int:
        for _ in range(ROUNDS * INSTANCES):
            late.add(boot_ns() - due_ns, budget_ns)
        return ROUNDS * INSTANCES

    return least_us(run)


def main() -> None:
    gc.freeze()
    rows = {
        f"sent, {INSTANCES} instances in one phase": adverts_of_a_master(INSTANCES),
        "the same behind the gate": adverts_of_a_master(INSTANCES, gated=True),
        "sent, 1 instance": adverts_of_a_master(1),
        "heard, a repetition": adverts_to_a_backup(repeated=True),
        "heard, looked at": adverts_to_a_backup(repeated=False),
        "how late it was, noted": notes_of_lateness(),
    }
    for name, cost_us in rows.items():
        print(f"{name:34} {cost_us:6.2f} us an advert")


if __name__ == "__main__":
    main()

"""The gate of the lease in virtual time: what is heard, and until when."""

from dataclasses import replace

import pytest

from halod.model.event import GateObserved
from halod.model.units import Duration
from halod.model.vrrp import LeaseMode, VrrpVersion
from halod.sim.fault import (
    AdvertsRefused,
    Crash,
    Fault,
    GateRefused,
    GateTaken,
    Pause,
    PauseAt,
)
from halod.sim.gate import Gate
from halod.sim.machine_clock import Agenda, LocalAgenda, MachineClock
from halod.sim.observation import Handled, Observation
from halod.sim.play import play
from halod.sim.scenario import Scenario
from tests.sim.clusters import (
    CALM_BEFORE,
    OwnerLog,
    StateLog,
    cluster,
    instance,
    node,
    pair,
    seconds,
    vip,
)

VIP = vip().address
FAST = {"version": VrrpVersion.V3, "advert_interval": Duration.milliseconds(20)}


class Bench:
    """A gate on eth0, whose clock is true."""

    def __init__(self) -> None:
        self.agenda = Agenda()
        self.changes_ns: list[int] = []
        clock = LocalAgenda(self.agenda, MachineClock(0, 0))
        self.gate = Gate(clock, lambda: self.changes_ns.append(self.agenda.now_ns))
        self.gate.hung.add("eth0")
        self.gate.guard([VIP], "VI_1")

    def passes(self, at_ns: int) -> bool:
        self.agenda.run(at_ns)
        return self.gate.passes(VIP, "eth0")


def test_a_deadline_is_exact_and_told_when_it_comes() -> None:
    bench = Bench()
    assert bench.passes(0), "a slot that was never opened silences nothing"
    bench.gate.open("VI_1", 1000)
    assert bench.passes(999)
    bench.gate.open("VI_1", 5000)
    assert bench.passes(4999)
    assert not bench.passes(5000)
    assert bench.changes_ns[-1] == 5000


def test_an_earlier_deadline_counts() -> None:
    bench = Bench()
    bench.gate.open("VI_1", 5000)
    bench.gate.open("VI_1", 2000)
    assert not bench.passes(2000)
    assert bench.changes_ns[-1] == 2000


def test_it_silences_its_own_addresses_where_it_hangs() -> None:
    bench = Bench()
    bench.gate.open("VI_1", 1000)
    bench.gate.shut_all()
    assert not bench.passes(1)
    assert bench.gate.passes(VIP, "eth1")
    assert bench.gate.passes(vip(1).address, "eth0")
    bench.gate.dismiss([VIP])
    assert bench.passes(2)


def played(scenario: Scenario) -> OwnerLog:
    """Every promise must hold; two owners count from the fault on."""
    log = OwnerLog(CALM_BEFORE)
    assert not play(scenario, watchers=[log.see]).violations
    return log


@pytest.mark.parametrize(
    "fault",
    [
        Crash("lb01", CALM_BEFORE),
        Pause("lb01", CALM_BEFORE, seconds(9)),
        Pause("lb01", CALM_BEFORE, seconds(9), PauseAt.ADVERT),
        Pause("lb01", CALM_BEFORE, seconds(9), PauseAt.ADDRESS),
    ],
)
@pytest.mark.parametrize("interval_ms", [20, 100, 1000])
def test_who_falls_silent_is_never_heard_beside_its_successor(
    fault: Fault, interval_ms: int
) -> None:
    """RFC 9568, 6.1: the successor waits three intervals and its skew; the gate three intervals."""
    interval = Duration.milliseconds(interval_ms)
    log = played(pair(fault, version=VrrpVersion.V3, advert_interval=interval))
    assert log.backup_came_ns
    assert log.two_longest_ns == 0


def test_a_gate_that_is_taken_is_put_back_and_nobody_notices() -> None:
    states = StateLog("lb01")
    put_back: list[bool] = []

    def see(observation: Observation) -> None:
        states.see(observation)
        if isinstance(observation, Handled) and isinstance(observation.event, GateObserved):
            put_back.append(observation.event.put_back)

    taken = GateTaken("lb01", CALM_BEFORE)
    assert not play(pair(taken, **FAST), watchers=[see]).violations
    assert states.states == ["BACKUP", "MASTER"]
    assert True in put_back


def test_death_while_the_gate_is_gone() -> None:
    """The lifetime that stands behind a gate is left: far longer than the lease."""
    faults = (
        GateTaken("lb01", CALM_BEFORE),
        Crash("lb01", CALM_BEFORE + Duration(1000)),
    )
    assert played(pair(*faults)).two_longest_ns > seconds(5).ns


def test_a_gate_that_cannot_be_had_again_is_no_lease_any_more() -> None:
    """The address gets the lifetime of its own lease, and takeover costs at most the old bound."""
    gone = GateRefused("lb01", CALM_BEFORE, seconds(5))
    log = played(pair(gone, Crash("lb01", CALM_BEFORE + seconds(2))))
    assert log.two_longest_ns < seconds(2).ns


def test_who_cannot_be_heard_lets_go_before_its_successor_comes() -> None:
    """A firewall drops protocol 112: no advert, no lease. It does not preempt when it is back."""
    mute = AdvertsRefused("lb01", CALM_BEFORE, seconds(20))
    for options in ({}, FAST, {"lease": LeaseMode.ADDRESS}):
        log = played(pair(mute, preempt=False, **options))
        assert log.backup_came_ns
        assert log.two_longest_ns == 0


def test_intervals_that_differ_between_nodes() -> None:
    """VRRPv3: a backup waits by its master's interval (RFC 9568, 6.4.2), and not by its own."""
    slow = instance(150, version=VrrpVersion.V3)
    quick = instance(100, **FAST)
    scenario = cluster(node(1, slow), node(2, quick), faults=(Crash("lb01", CALM_BEFORE),))
    log = played(scenario)
    took_ns = log.came_ns["lb02"] - CALM_BEFORE.ns
    assert seconds(2).ns < took_ns < seconds(3.7).ns


def test_the_operators_address_is_left_alone() -> None:
    """It stands on lb01 whatever happens there, and is none of the daemon's."""
    operators = replace(node(1, instance(150)), foreign=(vip(),))
    log = played(cluster(operators, node(2, instance(100)), faults=(Crash("lb01", CALM_BEFORE),)))
    assert "lb01" not in log.came_ns
    assert "lb02" in log.came_ns

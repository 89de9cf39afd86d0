"""The lease by nftables in virtual time: relative timeouts, tokens, refusals."""

from dataclasses import replace
from random import Random

import pytest

from halod.model.event import Event, GateLapsed
from halod.model.units import Duration, Instant
from halod.model.vrrp import LeaseMode, VrrpVersion
from halod.sim.fault import Crash, Pause, PauseAt
from halod.sim.machine import Machine
from halod.sim.machine_clock import Agenda
from halod.sim.nft_lease import NftLease
from halod.sim.play import play
from halod.sim.scenario import KernelOptions
from tests.sim.clusters import CALM_BEFORE, OwnerLog, cluster, instance, node, seconds

MS = 10**6
INTERVAL = Duration.milliseconds(100)


class Bench:
    """One machine, whose nftables answer at once."""

    def __init__(self) -> None:
        self.agenda = Agenda()
        options = replace(node(1, instance(100)), gates=frozenset({LeaseMode.NFT}))
        kernel = KernelOptions(rules_wait_max=Duration(0))
        self.machine = Machine(options, kernel, self.agenda, Random(1), lambda seen: None)
        self.reports: list[Event] = []
        self.lease = NftLease(self.machine, self.reports.append)
        self.lease.adopt({"VI_1": INTERVAL // 2})

    def open(self, until_ms: int, term: int = 1) -> None:
        self.lease.open("VI_1", term, Instant(until_ms * MS))

    def is_open(self, at_ms: int) -> bool:
        self.agenda.run(at_ms * MS)
        return self.machine.gates[LeaseMode.NFT].is_open("VI_1")


def test_a_renewal_is_written_and_ends_by_itself() -> None:
    bench = Bench()
    bench.open(300)
    assert bench.is_open(100)
    bench.open(400)
    assert bench.is_open(399)
    assert not bench.is_open(400)
    assert bench.reports == []


def test_what_has_lapsed_is_not_renewed_but_a_new_term_is() -> None:
    bench = Bench()
    bench.open(300)
    assert not bench.is_open(300)
    bench.open(600)
    assert not bench.is_open(310)
    assert bench.reports == [GateLapsed("VI_1", 1)]
    bench.open(600, term=2)
    assert bench.is_open(320)


def test_shutting_voids_the_tokens_before_it() -> None:
    bench = Bench()
    bench.lease.pause()
    bench.open(300)
    bench.lease.shut("VI_1")
    bench.lease.resume()
    assert not bench.is_open(10)


@pytest.mark.parametrize(("stopped_ms", "written"), [(30, True), (60, False)])
def test_a_stop_before_the_write_costs_the_token(stopped_ms: int, written: bool) -> None:
    """The element that each write deletes lives 50 ms; a later write fails as a whole."""
    bench = Bench()
    bench.lease.stop_here = bench.lease.pause
    bench.open(300)
    assert not bench.is_open(stopped_ms)
    bench.lease.resume()
    assert bench.is_open(stopped_ms + 1) is written


@pytest.mark.parametrize(
    "fault",
    [
        Crash("lb01", CALM_BEFORE),
        Pause("lb01", CALM_BEFORE, seconds(3), PauseAt.RULES),
        Pause("lb01", CALM_BEFORE, seconds(3), PauseAt.ADVERT),
    ],
)
def test_two_owners_within_the_bound_of_nftables(fault: Crash | Pause) -> None:
    """60 ms less the skew of the successor (docs: the lease)."""
    options = {"version": VrrpVersion.V3, "advert_interval": INTERVAL}
    nodes = [
        replace(node(index, instance(priority, **options)), gates=frozenset({LeaseMode.NFT}))
        for index, priority in ((1, 150), (2, 100))
    ]
    log = OwnerLog(CALM_BEFORE)
    assert not play(cluster(*nodes, faults=(fault,)), watchers=[log.see]).violations
    assert log.backup_came_ns
    assert log.two_longest_ns < 60 * MS

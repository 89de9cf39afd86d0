"""The kernel and the address worker of a node, as far as the engine could tell."""

from random import Random

from halod.model.effect import GrantAddresses, RenewAddresses, RevokeAddresses
from halod.model.event import AddressLost, Event, Granted, GrantFailed, LossBy
from halod.model.units import Duration, Instant
from halod.sim.machine import Machine
from halod.sim.machine_clock import Agenda
from halod.sim.scenario import KernelOptions
from halod.sim.worker import Worker
from tests.sim.clusters import instance, node, vip

S = 10**9
LEASE = Duration.seconds(2)


class Bench:
    """One machine with a worker, whose kernel takes 0.1 s for each change."""

    def __init__(self, lateness_max: Duration = Duration(0)) -> None:
        self.agenda = Agenda()
        wait = Duration.milliseconds(100)
        kernel = KernelOptions(wait_min=wait, wait_max=wait, lateness_max=lateness_max)
        options = node(1, instance(100))
        self.machine = Machine(options, kernel, self.agenda, Random(1), lambda seen: None)
        self.news: list[Event] = []
        self.machine.tell = self.news.append
        self.reports: list[Event] = []
        self.worker = Worker(self.machine, self.reports.append)

    def grant(self, term: int = 1, valid_until_ns: int = 10**12) -> None:
        until = Instant(valid_until_ns)
        self.worker.submit(GrantAddresses("VI_1", term, (vip(),), LEASE, until))

    def renew(self, term: int = 1, void_after_ns: int = 10**12) -> None:
        self.worker.submit(RenewAddresses("VI_1", term, LEASE, Instant(void_after_ns)))

    def run(self, until_s: float) -> bool:
        """Whether the address stands then."""
        self.agenda.run(round(until_s * S))
        return bool(self.machine.standing())


def test_a_lease_ends_by_itself_and_is_told_as_the_kernels_doing() -> None:
    bench = Bench()
    bench.grant()
    assert not bench.run(0.05)
    assert bench.run(2.0)
    assert bench.reports == [Granted("VI_1", 1)]
    assert not bench.run(2.25)
    assert bench.news == [AddressLost(vip().address, "eth0", LossBy.KERNEL)]


def test_a_lease_ends_up_to_a_second_late() -> None:
    ends = set()
    for _ in range(2):
        bench = Bench(lateness_max=Duration.seconds(1))
        bench.grant()
        assert bench.run(2.0)
        assert not bench.run(3.3)
        ends.add(tuple(bench.news))
    assert len(ends) == 1


def test_a_renewal_counts_from_when_the_kernel_does_it() -> None:
    bench = Bench()
    bench.grant()
    bench.run(1.0)
    bench.renew()
    assert bench.run(3.0)
    assert not bench.run(3.25)


def test_void_orders_are_not_done() -> None:
    bench = Bench()
    bench.grant(term=2, valid_until_ns=0)
    assert isinstance(bench.reports[0], GrantFailed)
    bench.grant(term=3)
    bench.run(1.0)
    bench.renew(term=2)
    bench.renew(term=3, void_after_ns=S)
    assert not bench.run(2.25)


def test_its_own_removal_is_not_told() -> None:
    bench = Bench()
    bench.grant()
    bench.worker.submit(RevokeAddresses("VI_1", 1, (vip(),)))
    assert bench.run(0.15)
    assert not bench.run(0.25)
    assert bench.news == []


def test_the_kernel_finishes_for_the_dead_what_it_has_begun() -> None:
    bench = Bench()
    bench.grant()
    bench.renew()
    bench.run(0.05)
    bench.worker.kill()
    assert bench.run(1.0)
    assert bench.reports == []
    assert not bench.run(2.25)


def test_a_paused_worker_goes_on_where_it_stood() -> None:
    bench = Bench()
    bench.grant()
    bench.renew(void_after_ns=S)
    bench.run(0.05)
    bench.worker.pause()
    assert bench.run(1.5)
    assert bench.reports == []
    bench.worker.resume()
    assert bench.reports == [Granted("VI_1", 1)]
    # The renewal was void by then.
    assert not bench.run(2.25)

"""Packets that are lost, doubled, late or cut, and who hears them."""

from collections.abc import Callable
from random import Random

from halod.model.units import Duration
from halod.sim.machine import Machine
from halod.sim.machine_clock import Agenda
from halod.sim.network import Network, Station
from halod.sim.observation import AdvertMissed, Observation
from halod.sim.scenario import KernelOptions, NetworkOptions
from halod.vrrp.message import advert_of
from tests.sim.clusters import instance, node

ADVERTS = 400
SECOND_NS = 10**9


class Bench:
    """Three nodes on one segment; lb01 speaks once a second."""

    def __init__(self, options: NetworkOptions) -> None:
        self.agenda = Agenda()
        self.seen: list[Observation] = []
        self.network = Network(options, self.agenda, Random(1), self.seen.append)
        self.machines: dict[str, Machine] = {}
        self.heard: dict[str, list[int]] = {}
        """When each node heard something, nanoseconds."""
        for index in (1, 2, 3):
            there = node(index, instance(100))
            machine = Machine(there, KernelOptions(), self.agenda, Random(1), self.seen.append)
            self.machines[machine.name] = machine
            self.heard[machine.name] = []
            ear = self._ear(self.heard[machine.name])
            self.network.attach("eth0", Station(machine, "eth0", ear))

    def _ear(self, heard: list[int]) -> Callable[[str, bytes], None]:
        return lambda interface, packet: heard.append(self.agenda.now_ns)

    def speak(self, times: int = ADVERTS) -> list[str | None]:
        """What the sender's kernel said."""
        machine = self.machines["lb01"]
        advert = advert_of(instance(100), machine.links["eth0"].addresses[0], 100)
        said = []
        for _ in range(times):
            said.append(self.network.send(machine, advert))
            self.agenda.run(self.agenda.now_ns + SECOND_NS)
        return said

    @property
    def missed(self) -> int:
        return sum(isinstance(seen, AdvertMissed) for seen in self.seen)


def test_everybody_else_hears_within_the_longest_way() -> None:
    bench = Bench(NetworkOptions())
    assert bench.speak() == [None] * ADVERTS
    assert bench.heard["lb01"] == []
    for name in ("lb02", "lb03"):
        ways_ns = [at_ns % SECOND_NS for at_ns in bench.heard[name]]
        assert len(ways_ns) == ADVERTS
        assert min(ways_ns) >= Duration(50_000).ns
        assert Duration.milliseconds(1).ns < max(ways_ns) <= Duration.milliseconds(2).ns


def test_a_cut_has_a_direction_and_each_is_mended_by_itself() -> None:
    bench = Bench(NetworkOptions())
    for _ in range(2):
        bench.network.cut("lb01", "lb02")
    bench.network.cut("lb03", "lb01")
    bench.network.mend("lb01", "lb02")
    bench.speak(1)
    assert [len(bench.heard[name]) for name in ("lb02", "lb03")] == [0, 1]
    bench.network.mend("lb01", "lb02")
    bench.speak(1)
    assert [len(bench.heard[name]) for name in ("lb02", "lb03")] == [1, 2]
    assert bench.missed == 0


def test_what_is_lost_is_told() -> None:
    bench = Bench(NetworkOptions(loss_percent=20.0))
    bench.speak()
    heard = sum(map(len, bench.heard.values()))
    assert heard + bench.missed == 2 * ADVERTS
    assert 0.1 < bench.missed / (2 * ADVERTS) < 0.3


def test_some_come_twice() -> None:
    bench = Bench(NetworkOptions(duplicate_percent=20.0))
    bench.speak()
    assert 1.1 < sum(map(len, bench.heard.values())) / (2 * ADVERTS) < 1.3


def test_the_late_overtake_nobody_and_are_told_twice() -> None:
    bench = Bench(NetworkOptions(late_percent=20.0))
    bench.speak()
    bench.agenda.run(bench.agenda.now_ns + 4 * SECOND_NS)
    late = [at for name in bench.heard for at in bench.heard[name] if at % SECOND_NS > 2_000_000]
    assert sum(map(len, bench.heard.values())) == 2 * ADVERTS
    assert 0.1 < len(late) / (2 * ADVERTS) < 0.3
    assert bench.missed >= 2 * len(late)


def test_in_the_calm_nothing_is_lost() -> None:
    bench = Bench(NetworkOptions(loss_percent=50.0, duplicate_percent=50.0, late_percent=50.0))
    bench.network.calm()
    bench.speak()
    assert [len(bench.heard[name]) for name in ("lb02", "lb03")] == [ADVERTS] * 2


def test_a_link_that_is_down_neither_speaks_nor_hears() -> None:
    bench = Bench(NetworkOptions())
    bench.machines["lb02"].set_links(["eth0"], running=False)
    bench.machines["lb03"].freeze(clock_runs_on=False)
    assert bench.speak(1) == [None]
    assert bench.heard == {"lb01": [], "lb02": [], "lb03": []}
    bench.machines["lb01"].set_links(["eth0"], running=False)
    assert bench.speak(1) == ["Network is down"]

"""Who is master, who takes over, who comes back: each pair plays the same five acts.

The stronger starts and is alone; the weaker listens to it; the stronger loses its cable; it comes
back, and preempts or does not; whoever is master then stops, and the other takes over.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from halod.lab.lab import Lab
from halod.lab.patience import stays_true, wait_until
from tests.kit.frr import Frr
from tests.kit.logbook import LogBook
from tests.kit.pair import NEEDS_KEEPALIVED, Node
from tests.matrix.case import ABLE, OWN, PRIORITIES, VIPS, Case, config_text

pytestmark = [*NEEDS_KEEPALIVED, pytest.mark.needs_frr]

WITHIN_S = 30.0
"""For each step, on a busy machine."""
CALM_INTERVALS = 5
"""So long nobody may change anything: longer than three adverts and a skew time."""


class Stage:
    """The pair of a case, in the lab."""

    def __init__(self, lab: Lab, case: Case, folder: Path) -> None:
        self._lab = lab
        self._case = case
        self._folder = folder
        self.nodes: dict[str, Node | Frr] = {}

    def start(self, name: str) -> None:
        """For the first time, or again."""
        if name not in self.nodes:
            self.nodes[name] = self._node(name)
        node = self.nodes[name]
        if isinstance(node, Frr):
            node.start()
        else:
            node.balancer.start()

    def _node(self, name: str) -> Node | Frr:
        case, program, machine = self._case, self._case.programs[name], self._lab.machine(name)
        if case.unicast and case.family == 6:
            own = f"{OWN[6][name]}/64"
            machine.namespace.ip("address", "add", own, "dev", "ens33", "nodad")
        if program == "frr":
            return Frr(
                machine,
                self._folder / "frr",
                case.family,
                PRIORITIES[name],
                version=case.version,
                preempt=case.preempt,
            )
        balancer = self._lab.balancer(name, program, config_text(case, name))
        return Node(balancer, LogBook(balancer))

    def stop(self, name: str) -> None:
        """Cleanly."""
        node = self.nodes[name]
        if isinstance(node, Frr):
            node.stop()
        else:
            node.balancer.stop()

    def lose_the_stronger(self) -> None:
        """Its cable; FRR's vrrpd does not look at the carrier of the link below its own."""
        if isinstance(self.nodes["lb01"], Frr):
            self.stop("lb01")
        else:
            self._lab.faults.unplug("lb01")

    def give_it_back(self) -> None:
        """What was lost."""
        if isinstance(self.nodes["lb01"], Frr):
            self.start("lb01")
        else:
            self._lab.faults.plug("lb01")

    def owners(self) -> list[str]:
        """The hosts on which the virtual addresses are."""
        return [name for name in self.nodes if self._holds(name)]

    def _holds(self, name: str) -> bool:
        node = self.nodes[name]
        if isinstance(node, Frr):
            return node.is_master() and node.holds()
        if self._case.family == 4:
            return name in self._lab.owners(VIPS[4][0].partition("/")[0])
        shown = self._lab.machine(name).namespace.ip("-6", "address", "show", "dev", "ens33")
        vips = VIPS[6][:1] if self._case.peer == "frr" else VIPS[6]
        return all(f"inet6 {vip} " in shown for vip in vips)

    def _frr_log(self) -> str:
        """What nobody else tells."""
        return "".join(node.log() for node in self.nodes.values() if isinstance(node, Frr))

    def expect_owner(self, name: str) -> None:
        """It has the addresses soon, and alone, and that stays so."""
        found = wait_until(lambda: self.owners() == [name], WITHIN_S)
        assert found, f"{self.owners()} hold the address, not {name}\n{self._frr_log()}"
        calm_s = CALM_INTERVALS * self._case.interval_s
        assert stays_true(lambda: self.owners() == [name], calm_s, 0.1), self.owners()


@pytest.fixture
def stage(lab: Lab, tmp_path: Path, case: Case) -> Iterator[Stage]:
    """The lab ends halod and keepalived; FRR is not of it."""
    stage = Stage(lab, case, tmp_path)
    yield stage
    for node in stage.nodes.values():
        if isinstance(node, Frr):
            node.stop()


@pytest.mark.parametrize("case", ABLE, ids=lambda case: case.id)
def test_a_pair(stage: Stage, case: Case) -> None:
    stage.start("lb01")
    stage.expect_owner("lb01")
    stage.start("lb02")
    stage.expect_owner("lb01")
    stage.lose_the_stronger()
    stage.expect_owner("lb02")
    stage.give_it_back()
    master, other = ("lb01", "lb02") if case.preempt else ("lb02", "lb01")
    stage.expect_owner(master)
    stage.stop(master)
    stage.expect_owner(other)
    for node in stage.nodes.values():
        if isinstance(node, Node) and node.is_halod:
            assert "ignored an advert" not in node.balancer.log_tail(1000)

"""What keeps two nodes from hearing each other, or a kernel from obeying, and until when.

Knows faults and lost adverts. The oracles ask it whether a promise applies yet. Must not know
promises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from halod.sim.fault import Cut, Fault, LinkDown, OneWay, PauseMachine, SlowKernel
from halod.sim.observation import AdvertMissed, FaultBegan, FaultEnded, Observation

__all__ = ["Trouble"]

Pair = frozenset[str]


class Trouble:
    """Troubles of pairs and of single nodes, told in order."""

    def __init__(self, nodes: Iterable[str], *, pausing_excuses: bool = True) -> None:
        names = list(nodes)
        self._pairs = {frozenset((a, b)) for a in names for b in names if a != b}
        self._pausing_excuses = pausing_excuses
        """False: nothing is excused after a whole machine stood still. A test shows that it must
        be."""
        self._lasting: Counter[Pair] = Counter()
        self._ended_ns: dict[Pair, int] = {}

    def see(self, observation: Observation) -> None:
        match observation:
            case AdvertMissed(at_ns, source, target):
                self._ended(frozenset((source, target)), at_ns)
            case FaultBegan(_, fault):
                for pair in self.concerned(fault):
                    self._lasting[pair] += 1
            case FaultEnded(at_ns, fault):
                excused = self._pausing_excuses or not isinstance(fault, PauseMachine)
                for pair in self.concerned(fault):
                    self._lasting[pair] -= 1
                    if excused:
                        self._ended(pair, at_ns + self._afterwards_ns(pair, fault, at_ns))
            case _:
                pass

    def concerned(self, fault: Fault) -> list[Pair]:
        """Pairs, and single nodes as a set of one, that a fault keeps from what is promised."""
        match fault:
            case Cut(first, second):
                return [frozenset((first, second))]
            case OneWay(source, target):
                return [frozenset((source, target))]
            case LinkDown(node):
                return [pair for pair in self._pairs if node in pair]
            case PauseMachine(node) | SlowKernel(node):
                return [frozenset((node,)), *(pair for pair in self._pairs if node in pair)]
            case _:
                return []

    def lasts(self, *nodes: str) -> bool:
        """Whether a trouble of the node, or between the two, lasts."""
        return self._lasting[frozenset(nodes)] > 0

    def ended_ns(self, *nodes: str) -> int | None:
        """When the last one ended; None: there was none."""
        return self._ended_ns.get(frozenset(nodes))

    def _afterwards_ns(self, pair: Pair, fault: Fault, ended_ns: int) -> int:
        """How long it goes on after its end."""
        match fault:
            case SlowKernel():
                # What the kernel has begun when it gets fast again still takes its time.
                return fault.wait_max.ns
            case PauseMachine():
                # What was still going on stood still with the machine.
                return max(0, self._ended_ns.get(pair, 0) - (ended_ns - fault.lasts.ns))
            case _:
                return 0

    def _ended(self, pair: Pair, at_ns: int) -> None:
        self._ended_ns[pair] = max(at_ns, self._ended_ns.get(pair, 0))

"""What a run looked like: who held what, what was done, and what the nodes said.

Knows observations. Must not know how they are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.address import IpAddress
from halod.model.fact import Severity
from halod.sim.fault import Fault
from halod.sim.observation import (
    AddressCame,
    AddressWent,
    FaultBegan,
    Handled,
    Observation,
)

__all__ = ["Held", "Line", "Record"]


@dataclass(frozen=True, slots=True)
class Held:
    """A node held an address without interruption."""

    node: str
    address: IpAddress
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class Line:
    """A node said something."""

    at_ns: int
    node: str
    severity: Severity
    sentence: str


class Record:
    """Watches one run."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.faults: list[tuple[int, Fault]] = []
        self._held: list[Held] = []
        self._since_ns: dict[tuple[str, IpAddress], int] = {}

    def see(self, observation: Observation) -> None:
        match observation:
            case Handled(at_ns, node):
                self.lines += [
                    Line(at_ns, node, fact.severity, fact.sentence())
                    for fact in observation.ready.facts
                ]
            case AddressCame(at_ns, node, address):
                self._since_ns[node, address] = at_ns
            case AddressWent(at_ns, node, address):
                since_ns = self._since_ns.pop((node, address))
                self._held.append(Held(node, address, since_ns, at_ns))
            case FaultBegan(at_ns, fault):
                self.faults.append((at_ns, fault))
            case _:
                pass

    def held(self, end_ns: int) -> list[Held]:
        """All of it up to the end of the run, by start."""
        last = [Held(*key, since_ns, end_ns) for key, since_ns in self._since_ns.items()]
        return sorted([*self._held, *last], key=lambda held: held.start_ns)

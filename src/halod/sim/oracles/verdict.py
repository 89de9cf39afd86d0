"""What an oracle is, and what it says.

Knows the shape. Must not know any rule.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from halod.sim.observation import Observation

__all__ = ["Oracle", "Violation"]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that did not hold."""

    oracle: str
    at_ns: int
    """True time since the start."""
    sentence: str

    def __str__(self) -> str:
        return f"{self.at_ns / 1e9:9.4f} s  {self.oracle}: {self.sentence}"


class Oracle(ABC):
    """One rule. It is told everything in order, then `finish`."""

    name = ""
    promise = ""
    """What holds, one line for people."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []

    @abstractmethod
    def see(self, observation: Observation) -> None:
        """The next thing that happened."""

    @abstractmethod
    def finish(self, at_ns: int) -> None:
        """The run is over."""

    def accuse(self, at_ns: int, sentence: str) -> None:
        """Writes down a violation."""
        self.violations.append(Violation(self.name, at_ns, sentence))

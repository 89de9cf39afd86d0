"""One example of a target, made from a seed and a number alone: so it can be made again.

Knows what a target offers. Must not know any target.
"""

from __future__ import annotations

import hashlib
import random
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

__all__ = ["Target", "Violation", "randomness"]

Input = TypeVar("Input")


class Violation(Exception):  # noqa: N818 - it is what was found, not an error of the tool
    """The code under test broke a promise."""


def randomness(seed: int, target: str, number: int) -> random.Random:
    """The same on every machine and in every process."""
    digest = hashlib.sha256(f"{seed}/{target}/{number}".encode()).digest()
    return random.Random(digest)  # noqa: S311 - examples, no secrets


class Target(ABC, Generic[Input]):
    """Something that reads what others wrote."""

    name: str
    share: float
    """Of the processor's time."""
    batch: int = 1
    """Examples between two looks at the clock: of cheap ones many."""

    @abstractmethod
    def make(self, rng: random.Random) -> Input:
        """An example."""

    @abstractmethod
    def play(self, example: Input) -> None:
        """Raises Violation for a broken promise; any other exception is a crash."""

    @abstractmethod
    def show(self, example: Input) -> str:
        """For the person who looks into a finding."""

    @abstractmethod
    def smaller(self, example: Input) -> list[Input]:
        """Examples that are a little smaller: one of them may still show the finding."""

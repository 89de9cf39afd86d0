"""What the tutorial says must be seen, what was seen, and whether it held. Values only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Observation:
    """One thing that the demo looked at."""

    expected: str
    """What must be seen, a sentence or a line of output."""

    seen: str
    """What was seen, in the same words or as printed by the program."""

    held: bool
    """Whether it was as it must be."""

    note: str = ""
    """Why what was seen may differ from the tutorial's page; empty when it does not."""


@dataclass(frozen=True)
class AddressLine:
    """One line of `ip addr show` as the tutorial prints it, whatever flags stand in between."""

    address: str
    """With its prefix length: 192.168.178.3/24."""

    label: str
    """The last word: ens33:3."""

    secondary: bool
    """Whether it lies in the same subnet as the interface's first address."""

    def __str__(self) -> str:
        word = "secondary " if self.secondary else ""
        return f"inet {self.address} scope global {word}{self.label}"

    def find(self, shown: str) -> str | None:
        """The line in what `ip addr show` printed, or None when there is none such."""
        for line in shown.splitlines():
            words = line.split()
            if (
                words[:2] == ["inet", self.address]
                and words[-1] == self.label
                and "scope global" in line
                and ("secondary" in words) == self.secondary
            ):
                return " ".join(words)
        return None

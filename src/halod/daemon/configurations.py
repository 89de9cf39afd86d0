"""Which configuration runs, and which one is on its way to the children.

Knows generations. Must not know where a configuration comes from, nor who is told of it.
"""

from __future__ import annotations

from halod.model.configuration import Configuration

__all__ = ["Configurations"]


class Configurations:
    """One runs; at most one waits to be taken up."""

    def __init__(self, running: Configuration) -> None:
        self.running = running
        self.generation = 1
        """Of the newest, be it taken up or not."""
        self.pending: Configuration | None = None
        """Handed down by a reload, not yet taken up by the heartbeat. One at a time: its state
        bytes belong to this one or to the one before."""

    @property
    def newest(self) -> Configuration:
        """The one that is or will be in force."""
        return self.pending or self.running

    def offer(self, configuration: Configuration) -> None:
        """It is about to be handed down, under a generation of its own."""
        assert self.pending is None
        self.generation += 1
        self.pending = configuration

    def taken_up(self, generation: int) -> bool:
        """Whether that made the one that waits the one that runs."""
        if self.pending is None or generation != self.generation:
            return False
        self.running, self.pending = self.pending, None
        return True

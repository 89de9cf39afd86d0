"""Processes of this machine that an instance minds, and how many of them are wanted.

Knows what was asked for. Must not know how processes are found.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from halod.model.tracking import TrackerId, TrackerKind
from halod.model.units import ZERO, Duration

__all__ = ["ParameterMatch", "VrrpTrackProcess"]


class ParameterMatch(Enum):
    """`param_match`: how the parameters of a process are compared."""

    EXACT = "exact"
    """All of them, and no more: what holds where parameters are named."""
    PARTIAL = "partial"
    """The first ones are these."""
    INITIAL = "initial"
    """The same, and the last of these may be the beginning of a longer one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VrrpTrackProcess:
    """One `vrrp_track_process`: it is well while as many run as are wanted. Zombies do not run."""

    name: str
    """Name of the block, unique in a file."""
    command: str
    """`process`: the name of the process, as `ps -o comm` shows it (its first 15 bytes); with
    `full_command` or parameters the first word of its command line."""
    parameters: tuple[str, ...] = ()
    """The words behind it, as its command line must have them."""
    full_command: bool = False
    """Compare the command line, and not the name. Default: the name, unless parameters are
    compared."""
    match: ParameterMatch | None = None
    """`param_match`: how parameters are compared. Default: exactly where some are named, else not
    at all."""
    quorum: int = 1
    """Fewer are a failure. Default 1."""
    quorum_max: int | None = None
    """More are a failure; 0: it must not run at all. Default: any number."""
    fork_delay: Duration = ZERO
    """How long there must be enough before that counts; `delay` sets both. Default 0 s."""
    terminate_delay: Duration = ZERO
    """How long there must be too few before that counts. Default 0 s."""
    weight: int = 0
    """-253 to 253, for the instances that track it without a weight of their own. 0: a failure is
    FAULT. Default 0, as keepalived 2.2.7 does, whatever its manual says."""
    reverse: bool = False
    """`weight N reverse`. Default: as it stands."""

    @property
    def tracker(self) -> TrackerId:
        """By this name instances track it."""
        return TrackerId(TrackerKind.PROCESS, self.name)

    @property
    def compares_command_line(self) -> bool:
        """Whether the name of the process is not enough."""
        return self.full_command or bool(self.parameters) or self.match is not None

    def fits(self, command_line: tuple[str, ...]) -> bool:
        """Whether a process with this command line is one of them."""
        if not command_line or command_line[0] != self.command:
            return False
        rest, wanted = command_line[1:], self.parameters
        match = self.match or (ParameterMatch.EXACT if wanted else None)
        if match is None:
            return True
        if match is ParameterMatch.EXACT or not wanted:
            return rest == wanted
        head = rest[: len(wanted)]
        if match is ParameterMatch.PARTIAL or len(head) < len(wanted):
            return head == wanted
        return head[:-1] == wanted[:-1] and head[-1].startswith(wanted[-1])

    def is_met(self, count: int) -> bool:
        """Whether so many are as many as are wanted."""
        return count >= self.quorum and (self.quorum_max is None or count <= self.quorum_max)

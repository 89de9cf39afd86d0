"""A check script of the operator's: what is run how often, and what counts as well.

Knows what was asked for. Must not know how a program is run, nor what follows from its failing.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.command import Command
from halod.model.tracking import TrackerId, TrackerKind
from halod.model.units import Duration

__all__ = ["ScriptSettings", "VrrpScript"]


@dataclass(frozen=True, slots=True)
class ScriptSettings:
    """What `global_defs` says about every program that is run."""

    user: str = ""
    """`script_user`: who runs a program that names nobody. Default: `keepalived_script` if this
    machine has such a user, else root; with `enable_script_security` never root by default."""
    group: str = ""
    """The second word of `script_user`: its group. Default: the user's own."""
    security: bool = False
    """`enable_script_security`: a program that root runs and that others can change is not run.
    Default: it is run, and that is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VrrpScript:
    """One `vrrp_script`: it is well while its program exits with status 0."""

    name: str
    """Name of the script, unique in a file."""
    command: Command
    """`script`: the command line, in quotes where it has arguments; `user`: as whom, and with
    which group. The text `</…` alone goes to a shell, as in keepalived."""
    interval: Duration = Duration.seconds(1)
    """From the start of one run to the start of the next, whole seconds. A run that takes longer
    is not overtaken: what would have begun meanwhile is left out. Default 1 s."""
    timeout: Duration = Duration.seconds(1)
    """A run that takes longer has failed: SIGTERM goes to its process group, and 2 s later SIGKILL.
    Default: the interval."""
    rise: int = 1
    """Successes in a row until a failing script counts as well. Default 1."""
    fall: int = 1
    """Failures in a row until it counts as failing. The first result of all counts at once, as in
    keepalived. Default 1."""
    weight: int = 0
    """-253 to 253, for the instances that track it without a weight of their own. 0: while it fails
    they are in FAULT. Default 0."""
    reverse: bool = False
    """`weight N reverse`: the weight counts with the other sign. Default: as it stands."""
    init_fail: bool = False
    """It counts as failing until its first result. Default: it counts as nothing, and instances
    that track it with weight 0 wait for it."""

    @property
    def tracker(self) -> TrackerId:
        """By this name instances track it."""
        return TrackerId(TrackerKind.SCRIPT, self.name)

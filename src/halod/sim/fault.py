"""What can go wrong in a simulation, as values.

Knows which faults there are and how each is told. Must not know how a fault is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from halod.model.tracking import TrackerId
from halod.model.units import ZERO, Duration

__all__ = [
    "AdvertsRefused",
    "Crash",
    "Cut",
    "DeleteAddresses",
    "Fault",
    "GateRefused",
    "GateTaken",
    "HeartbeatDies",
    "KernelRefuses",
    "LinkDown",
    "OneWay",
    "Pause",
    "PauseAt",
    "PauseMachine",
    "Regroup",
    "Reload",
    "Restart",
    "SlowKernel",
    "Stop",
    "TrackerFails",
    "end_of",
]


@dataclass(frozen=True, slots=True)
class Crash:
    """Every program of the daemon is killed at once; its kernel lives on."""

    node: str
    at: Duration

    def sentence(self) -> str:
        return f"{self.node} crashes: its daemon is killed, its kernel lives on"


@dataclass(frozen=True, slots=True)
class HeartbeatDies:
    """The heartbeat alone dies or hangs: the supervisor speaks its last will and starts another."""

    node: str
    at: Duration
    hangs: bool = False

    def sentence(self) -> str:
        how = "hangs" if self.hangs else "dies"
        return f"the heartbeat of {self.node} {how}, and its supervisor lives"


@dataclass(frozen=True, slots=True)
class Stop:
    """A clean stop."""

    node: str
    at: Duration

    def sentence(self) -> str:
        return f"{self.node} is stopped cleanly"


@dataclass(frozen=True, slots=True)
class Restart:
    """The daemon is started; one that still runs is killed first."""

    node: str
    at: Duration

    def sentence(self) -> str:
        return f"{self.node} is started again"


class PauseAt(Enum):
    """Where the heartbeat is when it is stopped."""

    ANYWHERE = "at once"
    ADVERT = "between a decision and its advert"
    ADDRESS = "between asking the clock and asking for an address"
    RULES = "between asking the clock and writing a lease into nftables"


@dataclass(frozen=True, slots=True)
class Pause:
    """All processes of the daemon stand still (SIGSTOP); the kernel goes on."""

    node: str
    at: Duration
    """From here on, at the next place of that kind that the heartbeat comes to."""
    lasts: Duration
    where: PauseAt = PauseAt.ANYWHERE

    def sentence(self) -> str:
        until = f"for {self.lasts}"
        if self.where is not PauseAt.ANYWHERE:
            until = f"{self.where.value}, until {self.lasts} from now"
        return f"the processes of {self.node} stand still {until}"


@dataclass(frozen=True, slots=True)
class PauseMachine:
    """The whole machine stands still, kernel timers included."""

    node: str
    at: Duration
    lasts: Duration
    clock_runs_on: bool = False
    """True: CLOCK_BOOTTIME counts the pause (suspend). False: it does not (a paused guest)."""

    def sentence(self) -> str:
        clock = "its clock runs on" if self.clock_runs_on else "with its clock"
        return f"the whole machine {self.node} stands still for {self.lasts}, {clock}"


@dataclass(frozen=True, slots=True)
class Cut:
    """Two nodes hear nothing of each other."""

    first: str
    second: str
    at: Duration
    lasts: Duration

    def sentence(self) -> str:
        return f"{self.first} and {self.second} are cut from each other for {self.lasts}"


@dataclass(frozen=True, slots=True)
class OneWay:
    """The target hears nothing of the source; the source hears the target."""

    source: str
    target: str
    at: Duration
    lasts: Duration

    def sentence(self) -> str:
        return f"nothing from {self.source} reaches {self.target} for {self.lasts}"


@dataclass(frozen=True, slots=True)
class LinkDown:
    """Links of a node lose their carrier."""

    node: str
    at: Duration
    lasts: Duration
    interface: str | None = None
    """None: all of them."""

    def sentence(self) -> str:
        which = "the links" if self.interface is None else f"{self.interface}"
        verb = "are" if self.interface is None else "is"
        return f"{which} of {self.node} {verb} down for {self.lasts}"


@dataclass(frozen=True, slots=True)
class SlowKernel:
    """Somebody holds the rtnl lock: every change of an address waits."""

    node: str
    at: Duration
    lasts: Duration
    wait_max: Duration
    """Longest wait of one change."""

    def sentence(self) -> str:
        return (
            f"the kernel of {self.node} takes up to {self.wait_max} for a change of address, "
            f"for {self.lasts}"
        )


@dataclass(frozen=True, slots=True)
class KernelRefuses:
    """The kernel takes no address, new or renewed: its memory is short, or a right is gone."""

    node: str
    at: Duration
    lasts: Duration

    def sentence(self) -> str:
        return f"the kernel of {self.node} refuses addresses for {self.lasts}"


@dataclass(frozen=True, slots=True)
class AdvertsRefused:
    """A firewall of the node drops protocol 112 on its way out, and the sender is told."""

    node: str
    at: Duration
    lasts: Duration

    def sentence(self) -> str:
        return f"a firewall of {self.node} drops the adverts that it sends, for {self.lasts}"


@dataclass(frozen=True, slots=True)
class GateTaken:
    """Another program takes the gate of the lease off an interface; it can be put back at once."""

    node: str
    at: Duration
    interface: str | None = None
    """None: all of them."""

    def sentence(self) -> str:
        where = self.interface or "every interface"
        return f"another program takes the gate off {where} of {self.node}"


@dataclass(frozen=True, slots=True)
class GateRefused:
    """The gate goes from an interface, and the kernel lets none be put on it for a while."""

    node: str
    at: Duration
    lasts: Duration
    interface: str | None = None
    """None: all of them."""

    def sentence(self) -> str:
        where = self.interface or "every interface"
        return f"the gate is off {where} of {self.node} for {self.lasts}"


@dataclass(frozen=True, slots=True)
class DeleteAddresses:
    """Another program deletes the virtual addresses that stand on the node."""

    node: str
    at: Duration

    def sentence(self) -> str:
        return f"another program deletes the virtual addresses of {self.node}"


@dataclass(frozen=True, slots=True)
class Regroup:
    """A reload that takes the instances out of their sync groups, and later one that puts them
    back."""

    node: str
    at: Duration
    lasts: Duration

    def sentence(self) -> str:
        return f"the instances of {self.node} are in no sync group for {self.lasts}"


@dataclass(frozen=True, slots=True)
class Reload:
    """The daemon reads a file with another priority for all its instances."""

    node: str
    at: Duration
    priority: int
    """1 to 254."""

    def sentence(self) -> str:
        return f"{self.node} reloads, with priority {self.priority}"


@dataclass(frozen=True, slots=True)
class TrackerFails:
    """A script fails, or processes that are counted are not as many as wanted."""

    node: str
    at: Duration
    tracker: TrackerId
    lasts: Duration | None = None
    """None: for ever."""

    def sentence(self) -> str:
        until = "" if self.lasts is None else f" for {self.lasts}"
        return f"on {self.node} the check of {self.tracker} fails{until}"


Fault = (
    Crash
    | HeartbeatDies
    | Stop
    | Restart
    | Pause
    | PauseMachine
    | Cut
    | OneWay
    | LinkDown
    | SlowKernel
    | KernelRefuses
    | AdvertsRefused
    | GateTaken
    | GateRefused
    | DeleteAddresses
    | Regroup
    | Reload
    | TrackerFails
)


def end_of(fault: Fault) -> Duration:
    """When it is over; what happens at once is over when it happens."""
    match fault:
        case Crash() | HeartbeatDies() | Stop() | Restart() | DeleteAddresses() | Reload():
            return fault.at
        case GateTaken():
            return fault.at
        case TrackerFails():
            return fault.at + (fault.lasts or ZERO)
        case _:
            return fault.at + fault.lasts

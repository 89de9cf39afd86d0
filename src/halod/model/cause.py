"""Why an instance changed its state: one class a cause, each a sentence that a person can read.

Knows the wording. Must not know who decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.address import IpAddress
from halod.model.tracking import TrackerId
from halod.model.units import Duration

__all__ = [
    "AddressesContested",
    "AddressesRefused",
    "AdvertsRefused",
    "AwaitsTracker",
    "Cause",
    "GroupFault",
    "GroupLeft",
    "GroupWell",
    "LeaseLapsed",
    "LinkUnusable",
    "LinkUsable",
    "MasterResigned",
    "MasterSilent",
    "NoPeer",
    "NobodyHeard",
    "Overslept",
    "OwnerStarts",
    "Reconfigured",
    "SourceBack",
    "SourceMissing",
    "StartPutOff",
    "Starting",
    "Stopping",
    "StrongerMaster",
    "TrackerFailed",
    "TrackerWell",
    "TryingAgain",
    "WeakerMaster",
]


@dataclass(frozen=True, slots=True)
class Starting:
    """The instance begins to listen."""

    def sentence(self) -> str:
        return "started: listening for a master first"


@dataclass(frozen=True, slots=True)
class StartPutOff:
    """`vrrp_startup_delay`, `vrrp_delay_after_boot`: the daemon runs, and the instance does not
    listen yet."""

    delay: Duration
    keyword: str = "vrrp_startup_delay"

    def sentence(self) -> str:
        return f"started: it begins to listen {self.delay} later ({self.keyword})"


@dataclass(frozen=True, slots=True)
class OwnerStarts:
    """RFC 9568, 6.4.1: the owner of the addresses does not wait."""

    def sentence(self) -> str:
        return "priority 255: it owns the addresses and does not wait"


@dataclass(frozen=True, slots=True)
class Stopping:
    """The operator ended the daemon."""

    def sentence(self) -> str:
        return "stopped by the operator"


@dataclass(frozen=True, slots=True)
class Reconfigured:
    """A reload replaced or removed the instance."""

    what: str
    """What changed, in words."""

    def sentence(self) -> str:
        return f"configuration reloaded: {self.what}"


@dataclass(frozen=True, slots=True)
class NobodyHeard:
    """Master_Down_Timer fired, and no advert had come since listening began."""

    silence: Duration
    """Since listening began."""

    def sentence(self) -> str:
        return f"no advert from anybody for {self.silence}"


@dataclass(frozen=True, slots=True)
class MasterSilent:
    """Master_Down_Timer fired (RFC 9568, 6.4.2)."""

    master: IpAddress
    """Source of the last advert."""
    silence: Duration
    """Since that advert."""

    def sentence(self) -> str:
        return f"no advert from {self.master} for {self.silence}"


@dataclass(frozen=True, slots=True)
class MasterResigned:
    """An advert of priority 0 came, and Skew_Time passed (RFC 9568, 6.4.2)."""

    master: IpAddress

    def sentence(self) -> str:
        return f"{self.master} resigned (priority 0)"


@dataclass(frozen=True, slots=True)
class WeakerMaster:
    """A master with a lower priority was left to time out (RFC 9568, 6.4.2, Preempt_Mode)."""

    master: IpAddress
    priority: int
    priority_own: int

    def sentence(self) -> str:
        return (
            f"{self.master} is MASTER with priority {self.priority}, "
            f"below this node's {self.priority_own}"
        )


@dataclass(frozen=True, slots=True)
class StrongerMaster:
    """Another master wins (RFC 9568, 6.4.3)."""

    master: IpAddress
    priority: int
    priority_own: int

    def sentence(self) -> str:
        if self.priority == self.priority_own:
            return (
                f"{self.master} is MASTER with the same priority {self.priority} "
                "and the higher address"
            )
        return (
            f"{self.master} is MASTER with priority {self.priority}, "
            f"above this node's {self.priority_own}"
        )


@dataclass(frozen=True, slots=True)
class LinkUnusable:
    """The interface cannot carry adverts."""

    interface: str
    reason: str
    """`is down or has no carrier`, `does not exist`, `has no IPv4 address`."""

    def sentence(self) -> str:
        return f"interface {self.interface} {self.reason}"


@dataclass(frozen=True, slots=True)
class LinkUsable:
    """The interface carries adverts again."""

    interface: str

    def sentence(self) -> str:
        return f"interface {self.interface} is usable again"


@dataclass(frozen=True, slots=True)
class SourceMissing:
    """The address that the adverts are to come from is not there."""

    source: IpAddress
    """`unicast_src_ip` or `mcast_src_ip`."""

    def sentence(self) -> str:
        return (
            f"this node does not have {self.source}, the source of its adverts "
            "(`unicast_src_ip`, `mcast_src_ip`)"
        )


@dataclass(frozen=True, slots=True)
class SourceBack:
    """That address is there."""

    source: IpAddress

    def sentence(self) -> str:
        return f"this node has {self.source}, the source of its adverts, again"


@dataclass(frozen=True, slots=True)
class NoPeer:
    """`unicast_fault_no_peer`, and nobody to send adverts to."""

    def sentence(self) -> str:
        return "it has no unicast peer, and `unicast_fault_no_peer` keeps it from multicast"


@dataclass(frozen=True, slots=True)
class LeaseLapsed:
    """The kernel took an address away before it was renewed."""

    address: IpAddress

    def sentence(self) -> str:
        return f"the lease of {self.address} was not renewed in time: the kernel took it away"


@dataclass(frozen=True, slots=True)
class Overslept:
    """This process did not run for longer than its lease (frozen, starved, suspended)."""

    gap: Duration
    """Since the last advert that was sent."""
    lease: Duration

    def sentence(self) -> str:
        return f"this process sent nothing for {self.gap}, longer than its lease of {self.lease}"


@dataclass(frozen=True, slots=True)
class AddressesContested:
    """Somebody else keeps removing an address."""

    address: IpAddress
    times: int
    within: Duration

    def sentence(self) -> str:
        within = f"{self.within.as_seconds():g} s"
        return f"somebody removed {self.address} {self.times} times within {within}"


@dataclass(frozen=True, slots=True)
class AddressesRefused:
    """The kernel did not take the addresses."""

    reason: str

    def sentence(self) -> str:
        return f"the kernel refused the addresses: {self.reason}"


@dataclass(frozen=True, slots=True)
class AdvertsRefused:
    """The kernel did not take the adverts of a master."""

    times: int
    """In a row."""
    reason: str

    def sentence(self) -> str:
        times = "" if self.times == 1 else f" {self.times} times in a row"
        return (
            f"the kernel refused to send an advert{times} ({self.reason}): nobody would know of "
            "this master; look for a firewall that drops protocol 112"
        )


@dataclass(frozen=True, slots=True)
class TryingAgain:
    """Some time after a fault that nobody tells the end of."""

    def sentence(self) -> str:
        return "trying again: listening for a master first"


@dataclass(frozen=True, slots=True)
class AwaitsTracker:
    """A tracker of weight 0 has said nothing yet, so nobody knows whether this node is fit."""

    tracker: TrackerId

    def sentence(self) -> str:
        return f"started: waiting for the first word of {self.tracker}"


@dataclass(frozen=True, slots=True)
class TrackerFailed:
    """A tracker that decides about taking part says no."""

    what: str
    """The tracker and what it said: `script chk_nginx failed (exit 1)`."""

    def sentence(self) -> str:
        return self.what


@dataclass(frozen=True, slots=True)
class TrackerWell:
    """The last tracker that kept it in FAULT is well again."""

    what: str

    def sentence(self) -> str:
        return f"{self.what} again: listening for a master first"


@dataclass(frozen=True, slots=True)
class GroupFault:
    """Another member of the sync group cannot take part, so none can."""

    group: str
    member: str
    why: str
    """Why that one cannot, as a sentence."""

    def sentence(self) -> str:
        return f"{self.member} of sync group {self.group} is in FAULT: {self.why}"


@dataclass(frozen=True, slots=True)
class GroupLeft:
    """Another member of the sync group is not MASTER any more, so none is."""

    group: str
    member: str
    why: str
    """Why that one is not, as a sentence."""

    def sentence(self) -> str:
        return f"{self.member} of sync group {self.group} is not MASTER: {self.why}"


@dataclass(frozen=True, slots=True)
class GroupWell:
    """The last member that kept the sync group in FAULT is well again."""

    group: str

    def sentence(self) -> str:
        return f"all of sync group {self.group} are well again: listening for a master first"


Cause = (
    Starting
    | StartPutOff
    | OwnerStarts
    | Stopping
    | Reconfigured
    | NobodyHeard
    | MasterSilent
    | MasterResigned
    | WeakerMaster
    | StrongerMaster
    | LinkUnusable
    | LinkUsable
    | SourceMissing
    | SourceBack
    | NoPeer
    | LeaseLapsed
    | Overslept
    | AddressesContested
    | AddressesRefused
    | AdvertsRefused
    | TryingAgain
    | AwaitsTracker
    | TrackerFailed
    | TrackerWell
    | GroupFault
    | GroupLeft
    | GroupWell
)

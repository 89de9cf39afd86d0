"""What happened, one class a log line, rendered here and nowhere else.

Knows the wording and the severity. Must not know where a line goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from halod.model.address import IpAddress
from halod.model.cause import AddressesContested, AddressesRefused, Cause
from halod.model.drop import DropReason
from halod.model.state import State
from halod.model.units import Duration
from halod.model.vrrp import LeaseMode

__all__ = [
    "AddressPutBack",
    "AddressesForeign",
    "AdvertsDropped",
    "CheckChanged",
    "ClocksApart",
    "ConflictEnded",
    "ConflictSeen",
    "Fact",
    "GateMissing",
    "GatePutBack",
    "GroupChanged",
    "GroupSynced",
    "InstanceChanged",
    "ListMismatch",
    "OldChecksumHeard",
    "PriorityChanged",
    "SendFailed",
    "Severity",
    "StateChanged",
]


class Severity(IntEnum):
    """syslog(3) levels in use."""

    ALERT = 1
    ERROR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6
    DEBUG = 7


@dataclass(frozen=True, slots=True)
class StateChanged:
    """An instance entered another state."""

    instance: str
    old: State
    new: State
    cause: Cause

    @property
    def severity(self) -> Severity:
        if isinstance(self.cause, AddressesContested | AddressesRefused):
            return Severity.ALERT
        return Severity.WARNING if self.new is State.FAULT else Severity.NOTICE

    def sentence(self) -> str:
        return (
            # keepalived's words, which people search their logs for, and then the reason.
            f"({self.instance}) Entering {self.new.value} STATE (was {self.old.value}): "
            f"{self.cause.sentence()}"
        )


@dataclass(frozen=True, slots=True)
class GroupSynced:
    """The members of a sync group entered another state together."""

    instance: str
    """Name of the group."""
    new: State
    cause: Cause

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.new is State.FAULT else Severity.NOTICE

    def sentence(self) -> str:
        return (
            # keepalived's words, and then the reason.
            f"VRRP_Group({self.instance}) Syncing instances to {self.new.value} state: "
            f"{self.cause.sentence()}"
        )


@dataclass(frozen=True, slots=True)
class ConflictSeen:
    """Two masters: a weaker one advertises beside us."""

    instance: str
    master: IpAddress
    priority: int
    priority_own: int

    severity = Severity.ALERT

    def sentence(self) -> str:
        return (
            f"({self.instance}) two masters: {self.master} advertises priority {self.priority} "
            f"beside our {self.priority_own}; answered and announced the addresses again"
        )


@dataclass(frozen=True, slots=True)
class ConflictEnded:
    """The weaker master fell silent."""

    instance: str
    master: IpAddress

    severity = Severity.NOTICE

    def sentence(self) -> str:
        return (
            f"({self.instance}) one master again: {self.master} gave way; "
            "announced the addresses once more"
        )


@dataclass(frozen=True, slots=True)
class AdvertsDropped:
    """Adverts of one kind were refused; told once a state change, then a summary a minute."""

    instance: str
    interface: str
    source: IpAddress
    reason: DropReason
    count: int
    """Since the last such line."""
    detail: str
    """Expected and found; never a secret."""

    severity = Severity.WARNING

    def sentence(self) -> str:
        times = "" if self.count == 1 else f" ({self.count} times)"
        return (
            f"({self.instance}) ignored an advert from {self.source} on {self.interface}{times}: "
            f"{self.detail}"
        )


@dataclass(frozen=True, slots=True)
class ListMismatch:
    """The master advertises other addresses than this node has; accepted all the same."""

    instance: str
    source: IpAddress
    only_here: tuple[IpAddress, ...]
    only_there: tuple[IpAddress, ...]

    severity = Severity.WARNING

    def sentence(self) -> str:
        here = ", ".join(map(str, self.only_here)) or "none"
        there = ", ".join(map(str, self.only_there)) or "none"
        return (
            f"({self.instance}) {self.source} advertises another address list: "
            f"only here {here}; only there {there}. Its advert counts all the same"
        )


@dataclass(frozen=True, slots=True)
class OldChecksumHeard:
    """A unicast peer sums v3 as keepalived up to 1.3.6 did."""

    instance: str
    source: IpAddress

    severity = Severity.WARNING

    def sentence(self) -> str:
        return (
            f"({self.instance}) {self.source} has the unicast checksum of keepalived 1.3.6 or "
            "older: from now on ours is the same, so that it understands us; upgrade it, then "
            "write `old_unicast_checksum never`"
        )


@dataclass(frozen=True, slots=True)
class AddressPutBack:
    """Somebody removed a virtual address; it stands again."""

    instance: str
    address: IpAddress
    culprit: str
    times: int
    allowed: int

    severity = Severity.WARNING

    def sentence(self) -> str:
        who = self.culprit or "somebody"
        return (
            f"({self.instance}) {who} removed {self.address}: put back "
            f"({self.times} of at most {self.allowed} times in 10 s)"
        )


@dataclass(frozen=True, slots=True)
class AddressesForeign:
    """An address stood there before us: the operator's."""

    instance: str
    addresses: tuple[IpAddress, ...]

    severity = Severity.WARNING

    def sentence(self) -> str:
        names = ", ".join(map(str, self.addresses))
        return (
            f"({self.instance}) {names} stood on this host before: not ours, so it is neither "
            "leased nor removed, and stays here when this node is not MASTER"
        )


@dataclass(frozen=True, slots=True)
class SendFailed:
    """The kernel did not take an advert."""

    instance: str
    reason: str

    severity = Severity.ERROR

    def sentence(self) -> str:
        return f"({self.instance}) an advert could not be sent: {self.reason}"


@dataclass(frozen=True, slots=True)
class ClocksApart:
    """A signed advert whose time is more than half of `time_window` away from ours."""

    instance: str
    source: IpAddress
    skew: Duration
    """Its clock is ahead of ours by this; negative: behind."""
    window: Duration

    severity = Severity.WARNING

    def sentence(self) -> str:
        seconds, window = self.skew.as_seconds(), self.window.as_seconds()
        return (
            f"({self.instance}) the clock of {self.source} is {abs(seconds):.1f} s "
            f"{'ahead of' if seconds > 0 else 'behind'} ours: beyond {window:g} s its adverts "
            "do not count, and both nodes become MASTER: set the clocks (NTP)"
        )


@dataclass(frozen=True, slots=True)
class GatePutBack:
    """Somebody took the lease's gate off an interface."""

    interface: str
    gate: LeaseMode

    instance = ""
    severity = Severity.ALERT

    def sentence(self) -> str:
        what = f"gate from {self.interface} (its qdisc clsact, or the filter on it)"
        if self.gate is LeaseMode.NFT:
            what = "table from nftables (a `flush ruleset` does that)"
        return (
            f"somebody removed the lease's {what}: put back; until then nothing but the daemon "
            "itself ended the lease"
        )


@dataclass(frozen=True, slots=True)
class GateMissing:
    """A gate cannot be had on an interface."""

    interface: str
    gate: LeaseMode
    reason: str

    instance = ""
    severity = Severity.WARNING

    def sentence(self) -> str:
        return (
            f"no {self.gate.value} gate on {self.interface} ({self.reason}): there the lease is "
            "that of the addresses, in whole seconds"
        )


@dataclass(frozen=True, slots=True)
class GroupChanged:
    """A reload changed a sync group."""

    instance: str
    """Name of the group."""
    what: str

    severity = Severity.NOTICE

    def sentence(self) -> str:
        return f"VRRP_Group({self.instance}) {self.what}"


@dataclass(frozen=True, slots=True)
class InstanceChanged:
    """What a reload did to an instance."""

    instance: str
    what: str

    severity = Severity.NOTICE

    def sentence(self) -> str:
        return f"({self.instance}) {self.what}"


@dataclass(frozen=True, slots=True)
class PriorityChanged:
    """A tracker with a weight moved the priority that is advertised."""

    instance: str
    old: int
    new: int
    what: str
    """The tracker and what it said."""

    severity = Severity.NOTICE

    def sentence(self) -> str:
        # keepalived's words, and then the reason.
        return (
            f"({self.instance}) Changing effective priority from {self.old} to {self.new}: "
            f"{self.what}"
        )


@dataclass(frozen=True, slots=True)
class CheckChanged:
    """A check script became well, or began to fail."""

    name: str
    up: bool
    detail: str
    """`exit 1`, `timed out after 2.000 s` …"""

    instance = ""

    @property
    def severity(self) -> Severity:
        return Severity.NOTICE if self.up else Severity.WARNING

    def sentence(self) -> str:
        # keepalived's words, and then the reason.
        return f"VRRP_Script({self.name}) " + (
            "succeeded" if self.up else f"failed ({self.detail})"
        )


Fact = (
    StateChanged
    | ClocksApart
    | ConflictSeen
    | ConflictEnded
    | AdvertsDropped
    | CheckChanged
    | ListMismatch
    | OldChecksumHeard
    | AddressPutBack
    | AddressesForeign
    | SendFailed
    | GatePutBack
    | GroupChanged
    | GroupSynced
    | GateMissing
    | InstanceChanged
    | PriorityChanged
)

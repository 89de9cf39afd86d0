"""What happened, one class a log line, rendered here and nowhere else.

Knows the wording and the severity. Must not know where a line goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from halod.model.address import IpAddress
from halod.model.cause import Cause
from halod.model.drop import DropReason
from halod.model.state import State

__all__ = [
    "AddressPutBack",
    "AddressesForeign",
    "AdvertsDropped",
    "ConflictEnded",
    "ConflictSeen",
    "Fact",
    "InstanceChanged",
    "ListMismatch",
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
        return Severity.WARNING if self.new is State.FAULT else Severity.NOTICE

    def sentence(self) -> str:
        return (
            # keepalived's words, which people search their logs for, and then the reason.
            f"({self.instance}) Entering {self.new.value} STATE (was {self.old.value}): "
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
    """Empty where no instance has the VRID."""
    interface: str
    source: IpAddress
    reason: DropReason
    count: int
    """Since the last such line."""
    detail: str
    """Expected and found; never a secret."""

    severity = Severity.WARNING

    def sentence(self) -> str:
        subject = f"({self.instance}) " if self.instance else ""
        times = "" if self.count == 1 else f" ({self.count} times)"
        return (
            f"{subject}ignored an advert from {self.source} on {self.interface}{times}: "
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
class InstanceChanged:
    """What a reload did to an instance."""

    instance: str
    what: str

    severity = Severity.NOTICE

    def sentence(self) -> str:
        return f"({self.instance}) {self.what}"


Fact = (
    StateChanged
    | ConflictSeen
    | ConflictEnded
    | AdvertsDropped
    | ListMismatch
    | AddressPutBack
    | AddressesForeign
    | SendFailed
    | InstanceChanged
)

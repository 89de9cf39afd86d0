"""Why an instance changed its state: one class a cause, each a sentence that a person can read.

Knows the wording. Must not know who decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.address import IpAddress
from halod.model.units import Duration

__all__ = [
    "AddressesContested",
    "AddressesRefused",
    "Cause",
    "LeaseLapsed",
    "LinkUnusable",
    "LinkUsable",
    "MasterResigned",
    "MasterSilent",
    "NobodyHeard",
    "Overslept",
    "OwnerStarts",
    "Reconfigured",
    "Starting",
    "Stopping",
    "StrongerMaster",
    "WeakerMaster",
]


@dataclass(frozen=True, slots=True)
class Starting:
    """The instance begins to listen."""

    def sentence(self) -> str:
        return "started: listening for a master first"


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
    """`has no carrier`, `is gone`, `has no IPv4 address`."""

    def sentence(self) -> str:
        return f"interface {self.interface} {self.reason}"


@dataclass(frozen=True, slots=True)
class LinkUsable:
    """The interface carries adverts again."""

    interface: str

    def sentence(self) -> str:
        return f"interface {self.interface} is usable again"


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


Cause = (
    Starting
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
    | LeaseLapsed
    | Overslept
    | AddressesContested
    | AddressesRefused
)

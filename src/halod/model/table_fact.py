"""What happened to the kernel's table of services, one class a log line, rendered here alone.

Knows the wording and the severity. Must not know where a line goes.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.fact import Severity
from halod.model.units import Duration

__all__ = [
    "OperationAccepted",
    "OperationRefused",
    "RefusalsUntold",
    "RepairsUntold",
    "TableAdopted",
    "TableFact",
    "TableRepaired",
]


@dataclass(frozen=True, slots=True)
class TableAdopted:
    """The start: what was found in the kernel."""

    kept: int
    """Services that stay as they were."""
    operations: int
    """How many it took to make it what the file says."""
    left_alone: int
    """Services that halod did not make."""

    instance = ""
    severity = Severity.NOTICE

    def sentence(self) -> str:
        foreign = f"; {self.left_alone} of others are left alone" if self.left_alone else ""
        return (
            f"services found in the kernel: {self.kept} were as wanted, and it took "
            f"{self.operations} operations to have all so{foreign}"
        )


@dataclass(frozen=True, slots=True)
class TableRepaired:
    """Somebody else changed what halod made."""

    instance: str
    """Title of the virtual server, as in every fact below."""
    virtual_server: str
    """As keepalived names it, as in every fact below."""
    service: str
    what: str
    """`somebody removed [10.0.0.9]:80`."""
    operations: int

    severity = Severity.WARNING

    def sentence(self) -> str:
        return (
            f"service {self.service} of VS {self.virtual_server} repaired "
            f"({self.operations} operations): {self.what}"
        )


@dataclass(frozen=True, slots=True)
class RepairsUntold:
    """More was repaired at once than is worth a line each: somebody flushed the table, say."""

    count: int
    operations: int

    instance = ""
    severity = Severity.WARNING

    def sentence(self) -> str:
        return f"{self.count} more services repaired ({self.operations} operations)"


@dataclass(frozen=True, slots=True)
class OperationRefused:
    """The kernel did not take a change."""

    instance: str
    virtual_server: str
    place: str
    """FILE:LINE of the virtual server."""
    what: str
    """`adding [10.0.0.9]:80 to [10.0.0.1]:tcp:80`."""
    why: str
    again_in: Duration

    severity = Severity.ERROR

    def sentence(self) -> str:
        where = f" ({self.place})" if self.place else ""
        return (
            f"VS {self.virtual_server}{where}: {self.what} was refused: {self.why}; everything "
            f"else is applied, and this is tried again in {self.again_in.as_seconds():g} s"
        )


@dataclass(frozen=True, slots=True)
class RefusalsUntold:
    """More was refused in one batch than is worth a line each."""

    count: int

    instance = ""
    severity = Severity.ERROR

    def sentence(self) -> str:
        return f"{self.count} more changes of services were refused: `haloctl status` has them"


@dataclass(frozen=True, slots=True)
class OperationAccepted:
    """What was refused has been taken."""

    instance: str
    virtual_server: str
    service: str

    severity = Severity.NOTICE

    def sentence(self) -> str:
        return (
            f"service {self.service} of VS {self.virtual_server} is as wanted: what was refused "
            "has been accepted"
        )


TableFact = (
    TableAdopted
    | TableRepaired
    | RepairsUntold
    | OperationRefused
    | RefusalsUntold
    | OperationAccepted
)

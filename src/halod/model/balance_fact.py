"""What happened to virtual and real servers, one class a log line, rendered here alone.

Knows the wording and the severity. Must not know where a line goes. Lines begin with keepalived's
words, which people search their logs for, and then give the reason.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.balance_event import Admin
from halod.model.fact import Severity
from halod.model.table_fact import TableFact
from halod.model.units import Duration

__all__ = [
    "BalanceFact",
    "CheckChangedInside",
    "CheckFailed",
    "CheckHeldDown",
    "ChecksSuspended",
    "OrderGiven",
    "QuorumChanged",
    "ServerChanged",
    "ServerRemoved",
    "SorryServerSwapped",
    "VirtualServerRemoved",
    "WeightChanged",
]


@dataclass(frozen=True, slots=True)
class CheckFailed:
    """`log_all_failures`: a check failed, and that does not count yet."""

    check: str
    """Name of the check."""
    detail: str
    """What was expected and what came."""
    attempts_left: int
    """How many more may fail before it counts."""

    instance = ""
    severity = Severity.INFO

    def sentence(self) -> str:
        more = "the next one counts" if self.attempts_left == 1 else f"{self.attempts_left} to go"
        return f"check {self.check} failed ({more}): {self.detail}"


@dataclass(frozen=True, slots=True)
class CheckHeldDown:
    """`@halod flap_limit`: a check went down once too often."""

    check: str
    times: int
    """How often it went down."""
    span: Duration
    """Within this."""
    hold: Duration
    """How long it stays down, whatever its results are."""

    instance = ""
    severity = Severity.WARNING

    def sentence(self) -> str:
        return (
            f"check {self.check} went down {self.times} times in {self.span.as_seconds():g} s: its "
            f"server stays down for {self.hold.as_seconds():g} s (`@halod flap_limit`)"
        )


@dataclass(frozen=True, slots=True)
class ServerChanged:
    """A real server came up or went down."""

    instance: str
    """Title of its virtual server, as in every fact below."""
    virtual_server: str
    """As keepalived names it, as in every fact below."""
    real_server: str
    up: bool
    inhibits: bool
    """`inhibit_on_failure`: it stays in the table with weight 0."""
    why: str

    @property
    def severity(self) -> Severity:
        return Severity.NOTICE if self.up else Severity.WARNING

    def sentence(self) -> str:
        if self.inhibits:
            what, of = ("Enabling" if self.up else "Disabling"), "of"
        else:
            what, of = ("Adding", "to") if self.up else ("Removing", "from")
        return f"{what} service {self.real_server} {of} VS {self.virtual_server}: {self.why}"


@dataclass(frozen=True, slots=True)
class CheckChangedInside:
    """One of several checks changed, and the server is what it was."""

    instance: str
    virtual_server: str
    real_server: str
    kind: str
    """TCP_CHECK and so on."""
    up: bool
    why: str
    left: int
    """How many of its checks fail now."""

    severity = Severity.INFO

    def sentence(self) -> str:
        what = "succeeded" if self.up else "failed"
        found = f": {self.why}" if self.why else ""
        return (
            f"{self.kind} of service {self.real_server} of VS {self.virtual_server} {what}{found}; "
            f"it stays down, {self.left} of its checks fail"
        )


@dataclass(frozen=True, slots=True)
class WeightChanged:
    """A check moved the weight of a real server."""

    instance: str
    virtual_server: str
    real_server: str
    old: int
    new: int
    active: bool
    """Whether it is up."""
    why: str

    severity = Severity.INFO

    def sentence(self) -> str:
        state = "active" if self.active else "inactive"
        found = f": {self.why}" if self.why else ""
        return (
            f"Changing weight from {self.old} to {self.new} for {state} service "
            f"{self.real_server} of VS {self.virtual_server}{found}"
        )


@dataclass(frozen=True, slots=True)
class QuorumChanged:
    """A virtual server gained or lost its quorum."""

    instance: str
    virtual_server: str
    up: bool
    initial: bool
    """It is the start, or a reload: it was not up before."""
    quorum: int
    hysteresis: int
    weight: int
    """Of the servers that are up."""

    @property
    def severity(self) -> Severity:
        return Severity.NOTICE if self.up else Severity.ERROR

    @property
    def limit(self) -> int:
        """The weight at which it is gained, or below which it is lost."""
        gains = self.up or self.initial
        return self.quorum + (self.hysteresis if gains else -self.hysteresis)

    def sums(self) -> str:
        """`2+1=3 <= 4`: how keepalived writes it."""
        sign = "+" if self.up or self.initial else "-"
        relation = "<=" if self.up else ">"
        return f"{self.quorum}{sign}{self.hysteresis}={self.limit} {relation} {self.weight}"

    def mail_text(self) -> str:
        """First line of the mail: there keepalived always writes `+` and `<=`."""
        what = "Gained quorum" if self.up else "Lost quorum"
        if self.initial:
            what = f"Starting with quorum {'up' if self.up else 'down'}"
        return f"=> {what} {self.quorum}+{self.hysteresis}={self.limit} <= {self.weight} <="

    def why(self) -> str:
        """The cause, for people."""
        return f"weight {self.weight} of {self.quorum}"

    def sentence(self) -> str:
        what = "Gained quorum" if self.up else "Lost quorum"
        if self.initial and not self.up:
            what = "Starting with quorum down"
        return f"{what} {self.sums()} for VS {self.virtual_server}: {self.why()}"


@dataclass(frozen=True, slots=True)
class SorryServerSwapped:
    """The sorry server serves, or no longer does."""

    instance: str
    virtual_server: str
    sorry_server: str
    serves: bool
    inhibits: bool
    """`sorry_server_inhibit`: it stands in the table with weight 0 otherwise."""

    @property
    def severity(self) -> Severity:
        return Severity.NOTICE if not self.serves else Severity.WARNING

    def sentence(self) -> str:
        if self.serves:
            what = f"{'Enabling' if self.inhibits else 'Adding'} sorry server"
            return f"{what} {self.sorry_server} to VS {self.virtual_server}: quorum lost"
        what = f"{'Disabling' if self.inhibits else 'Removing'} sorry server"
        return f"{what} {self.sorry_server} from VS {self.virtual_server}: quorum gained"


@dataclass(frozen=True, slots=True)
class OrderGiven:
    """An operator drains, enables or disables a real server, or the time of that is over."""

    instance: str
    virtual_server: str
    real_server: str
    order: Admin
    lasting: Duration | None
    """For how long; None: until the next order."""
    expired: bool = False
    """The time of the last order is over."""

    severity = Severity.NOTICE

    def sentence(self) -> str:
        what = {
            Admin.ENABLED: "enabled again: its checks decide",
            Admin.DRAINING: "drained: weight 0, connections that it has go on",
            Admin.DISABLED: "disabled: taken out, whatever its checks say",
        }[self.order]
        whose = "the time of the last order is over" if self.expired else "by an operator"
        span = f", for {self.lasting.as_seconds():g} s" if self.lasting else ""
        return f"service {self.real_server} of VS {self.virtual_server} {what} ({whose}{span})"


@dataclass(frozen=True, slots=True)
class ServerRemoved:
    """A reload: a real server is no longer in the file."""

    instance: str
    virtual_server: str
    real_server: str

    severity = Severity.NOTICE

    def sentence(self) -> str:
        return f"service {self.real_server} of VS {self.virtual_server} is no longer in the file"


@dataclass(frozen=True, slots=True)
class VirtualServerRemoved:
    """A reload: a virtual server is no longer in the file."""

    instance: str
    virtual_server: str

    severity = Severity.NOTICE

    def sentence(self) -> str:
        return f"Removing Virtual Server {self.virtual_server}: it is no longer in the file"


@dataclass(frozen=True, slots=True)
class ChecksSuspended:
    """`ha_suspend`: the address came or went."""

    instance: str
    virtual_server: str
    suspended: bool

    severity = Severity.INFO

    def sentence(self) -> str:
        if self.suspended:
            what, why = "Suspending", "its address is not held here"
        else:
            what, why = "Activating", "its address is held here"
        return f"{what} healthcheckers for VS {self.virtual_server}: {why}"


BalanceFact = (
    CheckFailed
    | CheckHeldDown
    | ServerChanged
    | CheckChangedInside
    | WeightChanged
    | QuorumChanged
    | SorryServerSwapped
    | OrderGiven
    | ServerRemoved
    | VirtualServerRemoved
    | ChecksSuspended
    | TableFact
)

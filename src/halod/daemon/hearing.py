"""What a child says, checked field by field: it is less trusted than the supervisor.

Knows the messages that come up. Must not act on one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from halod.daemon.channel import Message
from halod.daemon.notice_message import notice_in
from halod.daemon.server_notice_message import server_notice_in
from halod.daemon.verdict_message import VerdictBatch, verdicts_in
from halod.model.balance_effect import ServerNotice
from halod.model.event import TrackerReported
from halod.model.fact import Severity
from halod.model.notice import Notice
from halod.model.printable import printable
from halod.model.tracking import TrackerId, TrackerKind

__all__ = [
    "Alive",
    "BalancePage",
    "Checked",
    "Checks",
    "Fact",
    "Nonsense",
    "Ordered",
    "Ready",
    "Reloaded",
]
__all__ += ["Said", "Suspended", "Taken", "Trouble", "View", "understand"]

DETAIL_MAX = 200
"""Characters of what a tracker says: it stands in causes and in status."""
SUBJECT_MAX, TEXT_MAX = 64, 1000
"""Characters of a trouble: it is kept until it is over."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A line for the log."""

    severity: Severity
    text: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the child shows of itself."""

    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ready:
    """It listens."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """It has taken up the configuration of that generation."""

    generation: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something works worse than it should; an empty text: no longer."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Alive:
    """The runner is."""


@dataclass(frozen=True, slots=True)
class Checks:
    """Everything that the runner shows of its scripts."""

    values: list[dict[str, Any]]
    notifications: dict[str, Any]
    """What was told, waits, and failed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The service has a batch of verdicts."""

    whose: str
    """Of which process."""
    number: int


@dataclass(frozen=True, slots=True)
class Suspended:
    """These virtual servers are not checked now; all others are."""

    virtual_servers: tuple[str, ...]
    """Titles."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """The service has carried out an operator's order."""

    number: int


@dataclass(frozen=True, slots=True)
class BalancePage:
    """Some virtual servers, as the service shows them."""

    first: int
    """Number of the first."""
    following: int | None
    """That of the first of the next page; None: this is the last one."""
    servers: list[dict[str, Any]]
    sync_role: str | None
    engine: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """Some of the checks, with what each found last, and figures of all of them."""

    first: int
    """Number of the first."""
    checks: list[dict[str, Any]]
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Nonsense:
    """A message that halod does not send."""

    text: str
    """Its beginning."""


OfServers = VerdictBatch | Taken | Suspended | Ordered | ServerNotice | BalancePage | Checked
Said = (
    Fact
    | View
    | Ready
    | Reloaded
    | Trouble
    | Notice
    | Alive
    | Checks
    | TrackerReported
    | OfServers
    | Nonsense
)


def understand(message: Message) -> Said:
    """Never raises, whatever the message."""
    match message:
        case {
            "type": "fact",
            "severity": int(severity),
            "text": str(text),
            "fields": {"fact": str(fact), "instance": str(instance)},
        } if severity in _SEVERITIES:
            return Fact(Severity(severity), text, {"fact": fact, "instance": instance})
        case {"type": "view", "instances": [*_], "messages_dropped": int()}:
            return View(message)
        case {"type": "ready"}:
            return Ready()
        case {"type": "reloaded", "generation": int(generation)}:
            return Reloaded(generation)
        case {"type": "notice"} if (notice := notice_in(message)) is not None:
            return notice
        case {"type": "trouble", "subject": str(subject), "text": str(text)}:
            return Trouble(subject[:SUBJECT_MAX], text[:TEXT_MAX])
        case {
            "type": "tracker",
            "kind": str(kind),
            "name": str(name),
            "up": bool(up),
            "value": int(value),
            "detail": str(detail),
        } if kind in _KINDS:
            tracker = TrackerId(TrackerKind(kind), name)
            return TrackerReported(tracker, up, value, printable(detail[:DETAIL_MAX]))
        case {"type": "alive"}:
            return Alive()
        case {
            "type": "checks",
            "checks": [*checks],
            "notifications": dict(notifications),
        } if all(isinstance(each, dict) for each in checks):
            return Checks(checks, notifications)
        case _:
            return _of_servers(message) or Nonsense(f"{message!r:.80}")


def _of_servers(message: Message) -> OfServers | None:
    match message:
        case {"type": "verdicts"}:
            return verdicts_in(message)
        case {"type": "taken", "of": str(whose), "batch": int(number)}:
            return Taken(whose, number)
        case {"type": "suspend", "virtual_servers": [*titles]} if all(
            isinstance(each, str) for each in titles
        ):
            return Suspended(tuple(titles))
        case {"type": "admin_done", "id": int(number)}:
            return Ordered(number)
        case {"type": "server_notice"}:
            return server_notice_in(message)
        case {
            "type": "balance",
            "from": int(first),
            "next": int() | None as following,
            "servers": [*servers],
            "sync_role": str() | None as sync_role,
            "engine": dict(engine),
        } if all(isinstance(each, dict) for each in servers) and (
            following is None or following > first
        ):
            return BalancePage(first, following, servers, sync_role, engine)
        case {
            "type": "checked",
            "first": int(first),
            "checks": [*checks],
            "figures": {"checks": int()} as figures,
        } if all(isinstance(each, dict) for each in checks):
            return Checked(first, checks, figures)
        case _:
            return None


_SEVERITIES = frozenset(map(int, Severity))
_KINDS = frozenset(kind.value for kind in TrackerKind)

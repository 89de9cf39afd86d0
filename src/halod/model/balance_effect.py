"""Everything that the balance engine can ask the world to do: a closed union of values.

Knows what is wanted. Must not know how it is done: the driver matches these exhaustively.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from halod.model.command import Command
from halod.model.service_table import TableOperation
from halod.model.units import Duration
from halod.model.virtual_server import SyncDaemon

__all__ = [
    "ApplyOperations",
    "BalanceEffect",
    "FlushTable",
    "ServerNotice",
    "ServerSubject",
    "SetTimeouts",
    "StartSyncDaemon",
    "StopSyncDaemon",
    "SuspendChecks",
    "SyncRole",
]


@dataclass(frozen=True, slots=True)
class ApplyOperations:
    """Change the table, in this order. What the kernel refuses comes back as OperationsFailed; the
    rest is applied."""

    operations: tuple[TableOperation, ...]


@dataclass(frozen=True, slots=True)
class FlushTable:
    """Remove every service at once."""


@dataclass(frozen=True, slots=True)
class SetTimeouts:
    """Of connections; 0 leaves one as it is."""

    tcp: Duration
    tcp_fin: Duration
    udp: Duration


class SyncRole(Enum):
    """Which end of the sync daemon; the value is the kernel's (ip_vs.h, IP_VS_STATE_*)."""

    __hash__ = object.__hash__

    MASTER = 1
    BACKUP = 2


@dataclass(frozen=True, slots=True)
class StartSyncDaemon:
    """Start one end."""

    role: SyncRole
    daemon: SyncDaemon


@dataclass(frozen=True, slots=True)
class StopSyncDaemon:
    """Stop one end; that there is none is no error."""

    role: SyncRole


@dataclass(frozen=True, slots=True)
class SuspendChecks:
    """`ha_suspend`: these virtual servers are not checked now; all others are."""

    virtual_servers: frozenset[str]
    """Titles."""


class ServerSubject(Enum):
    """Of what a notice tells; the value is keepalived's word in lines for a named pipe."""

    __hash__ = object.__hash__

    VIRTUAL = "VS"
    REAL = "RS"


@dataclass(frozen=True, slots=True)
class ServerNotice:
    """A virtual or real server came up or went down: for programs, named pipes and mail.

    The line for a pipe: `VS [10.0.0.1]:tcp:80 UP`, `RS [10.0.0.9]:tcp:80 [10.0.0.1]:tcp:80 DOWN`.
    """

    subject: ServerSubject
    virtual_server: str
    """As keepalived writes it in lines: `[10.0.0.1]:tcp:80`, `[web]:tcp:0` and so on."""
    real_server: str
    """Likewise; empty: a notice of the virtual server."""
    up: bool
    command: Command | None
    """The program that is run."""
    mail_subject: str
    """What follows the router's name in brackets; empty: no mail."""
    why: str
    """Cause as a sentence, for mail."""
    mail_text: str = ""
    """First line of the mail, in keepalived's words: `=> CHECK failed on service <=`."""
    mail_only: bool = False
    """One of several checks changed and the server did not: no program is run, no line written."""


BalanceEffect = (
    ApplyOperations
    | FlushTable
    | SetTimeouts
    | StartSyncDaemon
    | StopSyncDaemon
    | SuspendChecks
    | ServerNotice
)

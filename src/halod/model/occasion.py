"""When operators' programs and mailboxes are told, in keepalived's words.

Knows names. Must not know who is told.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["Occasion", "Subject"]


class Subject(Enum):
    """What changed. The value is keepalived's word for it."""

    INSTANCE = "INSTANCE"
    GROUP = "GROUP"


class Occasion(Enum):
    """Why somebody is told. The value is the state that keepalived writes."""

    __hash__ = object.__hash__

    MASTER = "MASTER"
    BACKUP = "BACKUP"
    FAULT = "FAULT"
    STOP = "STOP"
    DELETED = "DELETED"
    """A reload removed it."""
    MASTER_RX_LOWER_PRI = "MASTER_RX_LOWER_PRI"
    """A master heard a weaker one."""
    MASTER_PRIORITY = "MASTER_PRIORITY"
    """The priority of a master changed."""
    BACKUP_PRIORITY = "BACKUP_PRIORITY"

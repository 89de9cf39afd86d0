"""A notice as a mail: its subject and its text.

Knows keepalived's words, and adds the cause. Must not know who gets it, nor how.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.notice import Notice
from halod.model.occasion import Occasion, Subject
from halod.telling.words import CHANGES

__all__ = ["Letter", "letter_of"]

_SUBJECT = {
    Occasion.MASTER: "Entering MASTER state",
    Occasion.BACKUP: "Entering BACKUP state",
    Occasion.FAULT: "Entering FAULT state",
    Occasion.STOP: "Stopping",
    Occasion.DELETED: "Deleted",
}
_NO_OWNER = "=> VRRP Instance is no longer owning VRRP VIPs <="
_TEXT = {
    Occasion.MASTER: "=> VRRP Instance is now owning VRRP VIPs <=",
    Occasion.BACKUP: _NO_OWNER,
    Occasion.FAULT: _NO_OWNER,
    Occasion.STOP: "=> VRRP Instance stopping <=",
    Occasion.DELETED: "=> VRRP Deleted at reload <=",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, whoever it goes to."""

    subject: str
    text: str
    """Lines that end in a newline."""


def letter_of(notice: Notice, router_id: str) -> Letter | None:
    """None: no mail tells of that."""
    if notice.occasion not in CHANGES:
        return None
    state = notice.occasion.value
    if notice.subject is Subject.GROUP:
        what = "Group"
        text = f"=> All VRRP group instances are now in {state} state <="
    else:
        what = "Instance"
        text = _TEXT[notice.occasion]
    subject = f"[{router_id}] VRRP {what} {notice.name} - {_SUBJECT[notice.occasion]}"
    lines = [text]
    if notice.why:
        lines += ["", f"Why: {notice.why}."]
    if notice.priority:
        lines += [f"Priority: {notice.priority}."]
    return Letter(subject, "\n".join([*lines, ""]))

"""A notice in keepalived's words: a line for a named pipe, programs and their arguments.

Knows the forms that keepalived 2.2.7 was seen to write. Must not know who reads them.
"""

from __future__ import annotations

from dataclasses import replace

from halod.model.command import Command
from halod.model.notice import Notice
from halod.model.notify_policy import NotifyPolicy
from halod.model.occasion import Occasion

__all__ = ["CHANGES", "as_told", "commands_of", "fifo_line"]

CHANGES = frozenset(
    {
        *(Occasion.MASTER, Occasion.BACKUP, Occasion.FAULT),
        *(Occasion.STOP, Occasion.DELETED),
    }
)
"""Occasions of which `notify` and mail tell; the named pipes tell of all."""


def fifo_line(notice: Notice) -> bytes:
    """`INSTANCE "VI_1" MASTER 150`, with a newline."""
    text = f'{notice.subject.value} "{notice.name}" {notice.occasion.value} {notice.priority}\n'
    return text.encode("utf-8", "backslashreplace")


def as_told(policy: NotifyPolicy, notice: Notice) -> Notice:
    """What `notify` and the pipes say: of an instance that a reload removed FAULT, which old
    scripts know, unless `notify_deleted` stands there."""
    if notice.occasion is Occasion.DELETED and not policy.says_deleted:
        return replace(notice, occasion=Occasion.FAULT)
    return notice


def commands_of(policy: NotifyPolicy, notice: Notice) -> tuple[Command, ...]:
    """What is run, first to last: the program of the occasion, and then `notify`.

    keepalived starts them in this order too, and then both run at the same time.
    """
    own, every = policy.on(notice.occasion), policy.every
    found = () if own is None else (own,)
    if every is None or notice.occasion not in CHANGES:
        return found
    notice = as_told(policy, notice)
    told = (notice.subject.value, notice.name, notice.occasion.value, str(notice.priority))
    return (*found, replace(every, argv=(*every.argv, *told)))

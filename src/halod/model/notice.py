"""One thing to be told to operators' programs and mailboxes.

Knows which effects are told, and on which occasion. Must not know how anybody is told.
"""

from __future__ import annotations

from dataclasses import dataclass

from halod.model.cause import Reconfigured, Stopping
from halod.model.effect import Mention, Notify
from halod.model.occasion import Occasion, Subject
from halod.model.state import State

__all__ = ["Notice", "notice_of"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told."""

    subject: Subject
    name: str
    """Of the instance or group."""
    occasion: Occasion
    priority: int
    """The effective one, 1 to 255; 0 for a group."""
    why: str = ""
    """The cause as a sentence, for mail; it may be empty."""


_OF_STATE = {
    State.MASTER: Occasion.MASTER,
    State.BACKUP: Occasion.BACKUP,
    State.FAULT: Occasion.FAULT,
}


def notice_of(effect: Notify | Mention) -> Notice | None:
    """None: nobody is told, as when an owner that overslept starts anew."""
    if isinstance(effect, Mention):
        return Notice(Subject.INSTANCE, effect.instance, effect.occasion, effect.priority)
    occasion = _OF_STATE.get(effect.state)
    if occasion is None and isinstance(effect.cause, Stopping):
        occasion = Occasion.STOP
    elif occasion is None and isinstance(effect.cause, Reconfigured):
        occasion = Occasion.DELETED
    if occasion is None:
        return None
    why = effect.cause.sentence()
    return Notice(effect.subject, effect.instance, occasion, effect.priority, why)

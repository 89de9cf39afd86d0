"""A notice on its way between processes.

Knows its form as JSON. Must not know who sends it, nor what becomes of it.
"""

from __future__ import annotations

from halod.daemon.channel import Message
from halod.model.notice import Notice
from halod.model.occasion import Occasion, Subject

__all__ = ["notice_in", "notice_message"]

NAME_MAX, WHY_MAX = 1024, 1000
"""Characters; a line of a configuration is shorter, and so is a sentence."""
PRIORITY_MAX = 255


def notice_message(notice: Notice) -> Message:
    """What `notice_in` reads."""
    return {
        "type": "notice",
        "subject": notice.subject.value,
        "name": notice.name,
        "occasion": notice.occasion.value,
        "priority": notice.priority,
        "why": notice.why[:WHY_MAX],
    }


def notice_in(message: Message) -> Notice | None:
    """None: this is no such message."""
    match message:
        case {
            "type": "notice",
            "subject": str(subject),
            "name": str(name),
            "occasion": str(occasion),
            "priority": int(priority),
            "why": str(why),
        } if (
            subject in _SUBJECTS
            and occasion in _OCCASIONS
            and len(name) <= NAME_MAX
            and 0 <= priority <= PRIORITY_MAX
        ):
            return Notice(_SUBJECTS[subject], name, _OCCASIONS[occasion], priority, why[:WHY_MAX])
        case _:
            return None


_SUBJECTS = {subject.value: subject for subject in Subject}
_OCCASIONS = {occasion.value: occasion for occasion in Occasion}

"""A notice of a virtual or real server on its way: from the service to the supervisor, and on to
the runner.

Knows its form as JSON. Must not know what becomes of it. The program comes by its words and not by
a place in a file: after a reload that place may be another.
"""

from __future__ import annotations

from halod.daemon.channel import Message
from halod.model.balance_effect import ServerNotice, ServerSubject
from halod.model.command import Command

__all__ = ["server_notice_in", "server_notice_message"]

NAME_MAX, WHY_MAX, WORDS_MAX = 1024, 1000, 256


def server_notice_message(notice: ServerNotice) -> Message:
    """What `server_notice_in` reads."""
    command = notice.command
    return {
        "type": "server_notice",
        "subject": notice.subject.value,
        "virtual_server": notice.virtual_server,
        "real_server": notice.real_server,
        "up": notice.up,
        "command": None if command is None else [command.user, command.group, *command.argv],
        "mail_subject": notice.mail_subject,
        "why": notice.why[:WHY_MAX],
        "mail_text": notice.mail_text,
        "mail_only": notice.mail_only,
    }


def server_notice_in(message: Message) -> ServerNotice | None:
    """None: this is no such message."""
    match message:
        case {
            "type": "server_notice",
            "subject": str(subject),
            "virtual_server": str(virtual_server),
            "real_server": str(real_server),
            "up": bool(up),
            "command": [*_] | None as words,
            "mail_subject": str(mail_subject),
            "why": str(why),
            "mail_text": str(mail_text),
            "mail_only": bool(mail_only),
        } if (
            subject in _SUBJECTS
            and max(map(len, (virtual_server, real_server, mail_subject, mail_text))) <= NAME_MAX
            and _is_command(words)
        ):
            return ServerNotice(
                _SUBJECTS[subject],
                virtual_server,
                real_server,
                up,
                None if words is None else Command(tuple(words[2:]), words[0], words[1]),
                mail_subject,
                why[:WHY_MAX],
                mail_text,
                mail_only,
            )
        case _:
            return None


def _is_command(words: list[object] | None) -> bool:
    if words is None:
        return True
    return 3 <= len(words) <= WORDS_MAX and all(isinstance(word, str) for word in words)


_SUBJECTS = {subject.value: subject for subject in ServerSubject}

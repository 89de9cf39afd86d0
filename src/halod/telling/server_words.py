"""A notice of a virtual or real server in keepalived's words: a line for a named pipe, and a mail.

Knows the forms that keepalived writes. Must not know who reads them.
"""

from __future__ import annotations

from halod.model.balance_effect import ServerNotice, ServerSubject
from halod.telling.letter import Letter

__all__ = ["server_lane", "server_letter", "server_line"]


def server_line(notice: ServerNotice) -> bytes:
    """`RS [10.0.0.9]:tcp:80 [10.0.0.1]:tcp:80 DOWN`, with a newline."""
    names = [notice.real_server] if notice.subject is ServerSubject.REAL else []
    words = (notice.subject.value, *names, notice.virtual_server, "UP" if notice.up else "DOWN")
    return f"{' '.join(words)}\n".encode("utf-8", "backslashreplace")


def server_lane(notice: ServerNotice) -> str:
    """The programs of one lane run one after another: those of one server."""
    if notice.subject is ServerSubject.VIRTUAL:
        return f"virtual server {notice.virtual_server}"
    return f"real server {notice.real_server} of {notice.virtual_server}"


def server_letter(notice: ServerNotice, router_id: str) -> Letter | None:
    """None: no mail was asked for."""
    if not notice.mail_subject:
        return None
    lines = [notice.mail_text]
    if notice.why:
        lines += ["", f"Why: {notice.why}."]
    return Letter(f"[{router_id}] {notice.mail_subject}", "\n".join([*lines, ""]))

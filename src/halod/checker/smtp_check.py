"""SMTP_CHECK: a mail server greets, takes HELO and QUIT (RFC 5321, 4.1.1).

Knows those three. Must not know mail.
"""

from __future__ import annotations

import contextlib

from halod.checker.outcome import AnswerError, peer_text
from halod.checker.visit import Visit
from halod.model.check import Connection, SmtpCheck

__all__ = ["REPLY_MAX", "greet"]

REPLY_MAX = 16 * 1024
"""Bytes of one reply with all its lines: each has at most 512 (RFC 5321, 4.5.3.1.5)."""


async def greet(check: SmtpCheck, visit: Visit) -> str:
    """One host after the other. AnswerError at the first that is wrong."""
    hosts = check.hosts or (check.connection,)
    for host in hosts:
        try:
            await _greet_one(check, host, visit)
        except AnswerError as failure:
            if len(hosts) == 1:
                raise
            raise AnswerError(f"{failure} (host {host.to})") from None
    return "greeted, and took HELO"


async def _greet_one(check: SmtpCheck, host: Connection, visit: Visit) -> None:
    await visit.connect(host)
    talk = _Talk(visit)
    visit.within(host.timeout.ns, "greeting")
    await talk.expect(220, "greeting")
    await visit.send(f"HELO {check.hello}\r\n".encode())
    visit.within(host.timeout.ns, "answer to HELO")
    await talk.expect(250, "answer to HELO")
    visit.within(host.timeout.ns, "answer to QUIT")
    # It has served by now: one that just hangs up has only bad manners.
    with contextlib.suppress(ConnectionError):
        await visit.send(b"QUIT\r\n")
        await talk.reply("answer to QUIT", may_close=True)
    visit.close()


class _Talk:
    """What comes, line by line."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._unread = b""

    async def expect(self, code: int, what: str) -> None:
        line = await self.reply(what)
        if line[:3] != b"%d" % code or line[3:4] not in (b"", b" "):
            raise AnswerError(f"{what} {peer_text(line)}, wanted {code}")

    async def reply(self, what: str, *, may_close: bool = False) -> bytes:
        """The last line of the next reply (RFC 5321, 4.2.1: all before it have a hyphen)."""
        taken = 0
        while True:
            line, found, rest = self._unread.partition(b"\n")
            if found:
                self._unread = rest
                taken += len(line)
                if not (line[3:4] == b"-" and line[:3].isdigit()):
                    return line.rstrip(b"\r")
            elif taken + len(self._unread) > REPLY_MAX:
                raise AnswerError(f"{what} of more than {REPLY_MAX // 1024} KiB, wanted one line")
            else:
                data = await self._visit.receive(REPLY_MAX)
                if not data:
                    if may_close:
                        return b""
                    raise AnswerError(f"closed before its {what}")
                self._unread += data
            if taken > REPLY_MAX:
                raise AnswerError(f"{what} of more than {REPLY_MAX // 1024} KiB, wanted one line")

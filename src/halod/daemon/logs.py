"""Where log lines go, and how they look: one line a fact, for people or as JSON.

Knows syslog, the console and the journal. Must not know what is worth a line.
"""

from __future__ import annotations

import errno
import json
import os
import select
import socket
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from halod.daemon.options import FACILITY_DAEMON
from halod.model.fact import Severity
from halod.model.printable import printable

__all__ = ["Log"]

_SYSLOG_SOCKET = "/dev/log"
LINE_BYTES_MAX = select.PIPE_BUF
"""Of one line: a pipe that counts as writable takes so many without making us wait (pipe(7))."""
_ESCAPE = "backslashreplace"
"""File names need not be text."""
_TEXT_BYTES_MAX = 3500
"""Of one text, escaped; the rest of a line is for the time, the name and the fields."""


class Log:
    """One destination. A log that cannot be written never stops the daemon."""

    def __init__(
        self,
        *,
        console: bool,
        detail: bool,
        as_json: bool,
        syslog: str = _SYSLOG_SOCKET,
        facility: int = FACILITY_DAEMON,
        nowhere: bool = False,
    ) -> None:
        self._least = Severity.INFO if detail else Severity.NOTICE
        self._json = as_json
        self._facility = facility
        self._nowhere = nowhere
        self._journal = console and "JOURNAL_STREAM" in os.environ
        self._syslog_path = "" if console else syslog
        self._syslog: socket.socket | None = None
        self._ident = "halod"
        self.lost = 0
        """Lines that could not be written."""

    def tell(
        self, severity: Severity, text: str, fields: Mapping[str, object] | None = None
    ) -> None:
        """One line, unless it is a detail that nobody asked for."""
        if severity > self._least or self._nowhere:
            return
        try:
            if not (self._syslog_path and self._tell_syslog(severity, text, fields)):
                self._tell_console(self._console_line(severity, text, fields))
        except OSError:
            self.lost += 1

    def name(self, *parts: str) -> None:
        """Tells daemons of one machine apart in syslog, by what keepalived appends there."""
        self._ident = "_".join(["halod", *(part for part in parts if part)])

    def close(self) -> None:
        """Lets go of syslog; the console is not ours to close."""
        if self._syslog is not None:
            self._syslog.close()
            self._syslog = None

    def _tell_syslog(
        self, severity: Severity, text: str, fields: Mapping[str, object] | None
    ) -> bool:
        """Whether there is a syslog; one that was restarted has a new socket under the name."""
        priority = self._facility * 8 + severity
        line = f"<{priority}>{self._ident}[{os.getpid()}]: {self._body(severity, text, fields)}"
        for _ in range(2):
            if self._syslog is None:
                self._syslog = _connect_syslog(self._syslog_path)
            if self._syslog is None:
                return False
            try:
                self._syslog.send(line.encode(errors=_ESCAPE))
            except (ConnectionError, FileNotFoundError):
                self.close()
            else:
                return True
        return False

    @staticmethod
    def _tell_console(line: str) -> None:
        """Never waits: who reads slowly loses lines, and does not stop the daemon."""
        data = line.encode(errors=_ESCAPE)[: LINE_BYTES_MAX - 1] + b"\n"
        descriptor = sys.stderr.fileno()
        poller = select.poll()
        poller.register(descriptor, select.POLLOUT)
        if not poller.poll(0):
            raise BlockingIOError(errno.EAGAIN, "nobody reads standard error")
        os.write(descriptor, data)

    def _body(self, severity: Severity, text: str, fields: Mapping[str, object] | None) -> str:
        text = _shortened(text)
        if not self._json:
            return printable(text)
        record = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "severity": severity.name.lower(),
            "message": text,
            **(fields or {}),
        }
        return json.dumps(record, ensure_ascii=False)

    def _console_line(
        self, severity: Severity, text: str, fields: Mapping[str, object] | None
    ) -> str:
        body = self._body(severity, text, fields)
        if self._json:
            return body
        if self._journal:
            return f"<{int(severity)}>{body}"
        time = datetime.now().astimezone().isoformat(sep=" ", timespec="milliseconds")
        return f"{time} {severity.name.lower():<7} {body}"


def _shortened(text: str) -> str:
    text = text[:_TEXT_BYTES_MAX]
    while len(json.dumps(text, ensure_ascii=False).encode(errors=_ESCAPE)) > _TEXT_BYTES_MAX:
        text = text[: len(text) * 9 // 10 - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return text


def _connect_syslog(path: str) -> socket.socket | None:
    """The local syslog, or None (then the console): minimal containers have none."""
    connection = socket.socket(
        socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    )
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        return None
    return connection

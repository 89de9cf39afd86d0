"""Where log lines go, and how they look: one line a fact, for people or as JSON.

Knows syslog, the console and the journal. Must not know what is worth a line.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from halod.model.fact import Severity
from halod.model.printable import printable

__all__ = ["Log"]

_FACILITY_DAEMON = 3
_SYSLOG_SOCKET = "/dev/log"


class Log:
    """One destination. A log that cannot be written never stops the daemon."""

    def __init__(self, *, console: bool, detail: bool, as_json: bool) -> None:
        self._least = Severity.INFO if detail else Severity.NOTICE
        self._json = as_json
        self._journal = console and "JOURNAL_STREAM" in os.environ
        self._syslog = None if console else _connect_syslog()
        self.lost = 0
        """Lines that could not be written."""

    def tell(
        self, severity: Severity, text: str, fields: Mapping[str, object] | None = None
    ) -> None:
        """One line, unless it is a detail that nobody asked for."""
        if severity > self._least:
            return
        try:
            if self._syslog is not None:
                priority = _FACILITY_DAEMON * 8 + severity
                line = self._body(severity, text, fields)
                self._syslog.send(f"<{priority}>halod[{os.getpid()}]: {line}".encode())
            else:
                sys.stderr.write(self._console_line(severity, text, fields) + "\n")
                sys.stderr.flush()
        except OSError:
            self.lost += 1

    def _body(self, severity: Severity, text: str, fields: Mapping[str, object] | None) -> str:
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


def _connect_syslog() -> socket.socket | None:
    """The local syslog, or None (then the console): minimal containers have none."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        connection.connect(_SYSLOG_SOCKET)
    except OSError:
        connection.close()
        return None
    return connection

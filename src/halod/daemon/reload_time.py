"""`reload_time_file`: a file with the time of the next reload.

Knows the forms of that time, and what a change of the file means. Must not know what a reload is:
`tick` says when it is due. The wall's clock comes as an argument, in seconds since 1970.

Nodes whose configurations must change together get the same time, and so reload together.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from halod.model.fact import Severity
from halod.model.printable import printable

__all__ = ["ReloadTime", "When", "read_time"]

LOOK_EVERY_S = 1.0
LINE_BYTES_MAX = 64
"""More than any form has."""
_FORM = re.compile(
    rb"(?:(?P<year>\d\d|\d{4})-(?P<month>\d\d)-(?P<day>\d\d) )?"
    rb"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?P<utc>Z?)\Z"
)
_CENTURY_STARTS = 69
"""strptime(3), %y: 69 to 99 are 1969 to 1999."""


@dataclass(frozen=True, slots=True)
class When:
    """A time that is to come."""

    at_s: int
    """Seconds since 1970."""
    has_date: bool
    """Else it is one of every day."""


def read_time(line: bytes, now_s: float) -> When | str:
    """`HH:MM:SS`, `YY-MM-DD HH:MM:SS` or `YYYY-MM-DD HH:MM:SS`, with Z at its end for UTC, without
    it in the time of this machine. Why it is none, as half a sentence."""
    found = _FORM.match(line)
    if found is None:
        return "is no time: HH:MM:SS, or YYYY-MM-DD HH:MM:SS, with Z at the end for UTC"
    is_utc = bool(found["utc"])
    clock = int(found["hour"]), int(found["minute"]), int(found["second"])
    today = time.gmtime(now_s) if is_utc else time.localtime(now_s)
    try:
        day = _date(found) if found["year"] else date(*today[:3])
    except ValueError:
        return "is no date"
    at_s = _seconds(day, clock, is_utc=is_utc)
    if at_s is None:
        return "does not exist: the clock is put forward then, or no clock shows it"
    if at_s > now_s:
        return When(at_s, bool(found["year"]))
    if found["year"]:
        return "is over"
    later = _seconds(day + timedelta(days=1), clock, is_utc=is_utc)
    return "does not exist tomorrow" if later is None else When(later, has_date=False)


def _date(found: re.Match[bytes]) -> date:
    year = int(found["year"])
    if len(found["year"]) == len("YY"):
        year += 1900 if year >= _CENTURY_STARTS else 2000
    return date(year, int(found["month"]), int(found["day"]))


def _seconds(day: date, clock: tuple[int, int, int], *, is_utc: bool) -> int | None:
    hour, minute, second = clock
    if hour > 23 or minute > 59 or second > 59:
        return None
    wanted = (day.year, day.month, day.day, hour, minute, second)
    if is_utc:
        return int(datetime(*wanted, tzinfo=UTC).timestamp())
    at_s = int(time.mktime((*wanted, 0, 1, -1)))
    # An hour that is left out in spring comes back as another one.
    return at_s if tuple(time.localtime(at_s)[:6]) == wanted else None


class ReloadTime:
    """Of one run of the daemon."""

    def __init__(self, tell: Callable[[Severity, str], None]) -> None:
        self._tell = tell
        self._path = ""
        self._seen: tuple[int, ...] | None = None
        """What tells one content of the file from another; None: it is not there."""
        self._looked_s = 0.0
        self.when: When | None = None
        """The next reload; None: none is known."""

    def tick(self, path: str, now_s: float, *, repeats: bool) -> bool:
        """Whether the time has come. `path`: of the configuration in force; empty: none."""
        if path != self._path:
            self._path, self._seen, self.when = path, None, None
            self._looked_s = 0.0
        if not path:
            return False
        if self.when is not None and self.when.at_s <= now_s:
            self._done(self.when, repeats=repeats)
            return True
        # A clock that was put back must not keep it from looking.
        if abs(now_s - self._looked_s) >= LOOK_EVERY_S:
            self._looked_s = now_s
            self._look(now_s)
        return False

    def _done(self, when: When, *, repeats: bool) -> None:
        """The file goes, or it would be for tomorrow again."""
        self.when, self._seen = None, None
        if not repeats or when.has_date:
            try:
                os.unlink(self._path)
            except OSError as error:
                text = f"{printable(self._path)} cannot be removed: {error.strerror}"
                self._tell(Severity.WARNING, text)

    def _look(self, now_s: float) -> None:
        try:
            found = os.stat(self._path)
        except OSError:
            self._cancel()
            self._seen = None
            return
        seen = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        if seen != self._seen:
            self._seen = seen
            self._read(now_s)

    def _read(self, now_s: float) -> None:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                line = file.readline(LINE_BYTES_MAX).removesuffix(b"\n")
        except OSError as error:
            when: When | str = f"cannot be read: {error.strerror}"
            line = b""
        else:
            # One that is just being written is read again when it has grown.
            when = read_time(line, now_s) if line else ""
        if isinstance(when, When):
            if when != self.when:
                shown = time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(when.at_s))
                self._tell(Severity.NOTICE, f"the next reload is set for {shown}")
            self.when = when
            return
        self._cancel()
        if when:
            shown = printable(line.decode(errors="backslashreplace"))
            text = f"{printable(self._path)}: `{shown}` {when}: no reload is set"
            self._tell(Severity.WARNING, text)

    def _cancel(self) -> None:
        if self.when is not None:
            self.when = None
            self._tell(Severity.NOTICE, "the reload that was set is called off")

"""A step of the wall clock cannot matter: nothing but the log looks at it.

The clock of a machine that runs tests cannot be set, and a namespace of time has no wall clock of
its own. So the source is read instead: who asks for the time of day?
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.tidy.rules import SOURCE, source_files

FOR_PEOPLE = {
    "daemon/logs.py",
    "daemon/dumps/data_dump.py",
    "daemon/dumps/dumps.py",
    "daemon/runner.py",
}
"""The time in front of a line, the date of a change of state in a dump, and that of a mail."""
FOR_RELOADS = {"daemon/reload_time.py", "daemon/supervisor.py"}
"""`reload_time_file` names a time of day; a step moves that one reload."""
FOR_SIGNATURES = {"daemon/wall_clock.py"}
"""auth_hmac signs UTC, so that a recorded advert grows stale; no timer hangs on it."""
ON_THE_PATH_OF_TIME = ("daemon", "kernel", "engine", "vrrp")
WALL_CLOCKS = {"time", "time_ns", "now", "utcnow", "today", "CLOCK_REALTIME", "ctime", "localtime"}


def wall_clock_readings(text: str) -> Iterator[str]:
    """Names through which a module could learn the time of day."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(value=ast.Name(id="time" | "datetime" | "date"), attr=name):
                found = name
            case ast.ImportFrom(module="time" | "datetime", names=names):
                yield from (name.name for name in names if name.name in WALL_CLOCKS)
                continue
            case _:
                continue
        if found in WALL_CLOCKS:
            yield found


def test_the_wall_clock_is_read_for_people_alone() -> None:
    readers = {
        path.relative_to(SOURCE).as_posix()
        for path in source_files()
        if path.relative_to(SOURCE).parts[0] in ON_THE_PATH_OF_TIME
        and any(wall_clock_readings(path.read_text()))
    }
    assert readers == FOR_PEOPLE | FOR_RELOADS | FOR_SIGNATURES


def test_a_reading_would_be_found() -> None:
    assert list(wall_clock_readings("import time\nx = time.time()")) == ["time"]
    assert list(wall_clock_readings("from time import time_ns")) == ["time_ns"]
    assert list(wall_clock_readings("x = time.clock_gettime(time.CLOCK_REALTIME)"))
    assert not list(wall_clock_readings("x = time.clock_gettime_ns(time.CLOCK_BOOTTIME)"))

"""`reload_time_file`: what stands in it, and when it is due. In virtual time."""

from __future__ import annotations

import calendar
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from halod.daemon.reload_time import ReloadTime, When, read_time
from halod.model.fact import Severity

pytestmark = pytest.mark.usefixtures("_berlin")

NOON = calendar.timegm((2026, 6, 15, 10, 0, 0))
"""12:00:00 in Berlin."""
HOUR, DAY = 3600, 86400


@pytest.fixture
def _berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (b"12:00:01", When(NOON + 1, has_date=False)),
        (b"12:00:00", When(NOON + DAY, has_date=False)),
        (b"11:00:00", When(NOON + DAY - HOUR, has_date=False)),
        (b"10:00:01Z", When(NOON + 1, has_date=False)),
        (b"26-06-16 12:00:00", When(NOON + DAY, has_date=True)),
        (b"2026-06-16 12:00:00", When(NOON + DAY, has_date=True)),
        (b"2026-06-16 12:00:00Z", When(NOON + DAY + 2 * HOUR, has_date=True)),
        (b"2026-12-15 12:00:00", When(NOON + 183 * DAY + HOUR, has_date=True)),
        (b"2026-06-15 11:59:59", "is over"),
        (b"69-06-16 12:00:00", "is over"),
        (b"2026-02-30 12:00:00", "is no date"),
        (b"24:00:00", "does not exist"),
        (b"12:00:60", "does not exist"),
        (b"2027-03-28 02:30:00", "does not exist"),
        (b"2027-03-28 02:30:00Z", When(calendar.timegm((2027, 3, 28, 2, 30, 0)), has_date=True)),
        (b"", "is no time"),
        (b" 12:00:01", "is no time"),
        (b"12:00:01 ", "is no time"),
        (b"2026-06-16  12:00:00", "is no time"),
        (b"2026-06-16T12:00:00", "is no time"),
        (b"12:00", "is no time"),
        (b"\xff", "is no time"),
    ],
)
def test_forms(line: bytes, wanted: When | str) -> None:
    found = read_time(line, NOON)
    assert found == wanted if isinstance(wanted, When) else str(found).startswith(wanted)


class Clock:
    """A file, and the seconds at which it is looked at."""

    def __init__(self, path: Path, *, repeats: bool = False) -> None:
        self.path = path
        self.repeats = repeats
        self.told: list[str] = []
        self.now_s = NOON
        self._time = ReloadTime(self._tell)

    def _tell(self, _: Severity, text: str) -> None:
        self.told.append(text)

    def due_within(self, seconds: int) -> list[int]:
        """After how many seconds from noon it was due."""
        found = []
        for _ in range(seconds):
            self.now_s += 1
            if self._time.tick(str(self.path), self.now_s, repeats=self.repeats):
                found.append(self.now_s - NOON)
        return found


def test_it_is_due_once_and_the_file_goes(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "at")
    clock.path.write_text("12:00:05\n")
    assert clock.due_within(2 * DAY) == [5]
    assert not clock.path.exists()
    assert clock.told == ["the next reload is set for 2026-06-15 12:00:05 +0200"]


def test_with_repeat_it_is_due_every_day_and_one_with_a_date_is_not(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "at", repeats=True)
    clock.path.write_text("12:00:05")
    assert clock.due_within(2 * DAY) == [5, DAY + 5]
    clock.path.write_text("2026-06-17 13:00:00")
    assert clock.due_within(2 * DAY) == [2 * DAY + HOUR]
    assert not clock.path.exists()


def test_the_file_may_come_change_and_go(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "at")
    assert clock.due_within(5) == []
    clock.path.write_text("12:00:20")
    assert clock.due_within(5) == []
    clock.path.write_text("12:00:30.")
    assert clock.due_within(5) == []
    clock.path.write_text("12:00:31\nand more")
    assert clock.due_within(5) == []
    clock.path.unlink()
    assert clock.due_within(100) == []
    assert [line.split(" ", 1)[-1][:28] for line in clock.told if "at: " in line] == [
        "`12:00:30.` is no time: HH:M"
    ]
    assert clock.told[-1] == "the reload that was set is called off"


def test_a_clock_that_is_put_back_is_followed(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "at")
    clock.due_within(10)
    clock.now_s -= HOUR
    clock.path.write_text("11:00:30")
    assert clock.due_within(HOUR) == [30 - HOUR]

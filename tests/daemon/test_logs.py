"""Log lines where they go: the console, the journal, syslog; and when nobody takes them."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

import pytest

from halod.daemon.logs import LINE_BYTES_MAX, Log
from halod.lab.patience import wait_until
from halod.model.fact import Severity


def console(*, detail: bool = False, as_json: bool = False) -> Log:
    return Log(console=True, detail=detail, as_json=as_json)


@pytest.fixture(autouse=True)
def outside_the_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)


def syslog_at(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.bind(str(path))
    server.settimeout(5)
    return server


def test_a_line_for_people(capfd: pytest.CaptureFixture[str]) -> None:
    console().tell(Severity.WARNING, "the link is down")
    date, time, severity, *text = capfd.readouterr().err.split()
    assert (severity, " ".join(text)) == ("warning", "the link is down")
    assert len(date) == len("2026-01-02")
    assert time[8] == ".", "to the millisecond"


def test_details_are_told_on_request_alone(capfd: pytest.CaptureFixture[str]) -> None:
    console().tell(Severity.INFO, "a detail")
    assert capfd.readouterr().err == ""
    console(detail=True).tell(Severity.INFO, "a detail")
    assert "a detail" in capfd.readouterr().err


def test_a_line_for_programs(capfd: pytest.CaptureFixture[str]) -> None:
    fields = {"fact": "StateChanged", "instance": "VI_1"}
    console(as_json=True).tell(Severity.NOTICE, "Entering\nMASTER", fields)
    record = json.loads(capfd.readouterr().err)
    assert record.pop("time").endswith("+00:00")
    assert record == {
        "severity": "notice",
        "message": "Entering\nMASTER",
        "fact": "StateChanged",
        "instance": "VI_1",
    }


def test_the_journal_gets_priorities(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    console().tell(Severity.ALERT, "two masters")
    assert capfd.readouterr().err == "<1>two masters\n"


def test_what_strangers_say_cannot_forge_a_line(capfd: pytest.CaptureFixture[str]) -> None:
    console().tell(Severity.NOTICE, "from \x1b[2Jpeer\n<0>forged \u202e")
    line = capfd.readouterr().err
    assert line.count("\n") == 1
    assert "\x1b" not in line
    assert "\u202e" not in line


def test_syslog_gets_facility_severity_and_name(tmp_path: Path) -> None:
    with syslog_at(tmp_path / "log") as server:
        log = Log(console=False, detail=False, as_json=False, syslog=str(tmp_path / "log"))
        log.tell(Severity.ERROR, "no such interface")
        assert server.recv(4096).decode() == f"<27>halod[{os.getpid()}]: no such interface"
        log.close()


def test_a_syslog_that_was_restarted_gets_the_next_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with syslog_at(path):
        log = Log(console=False, detail=False, as_json=False, syslog=str(path))
    path.unlink()
    with syslog_at(path) as server:
        log.tell(Severity.ERROR, "still here")
        assert server.recv(4096).decode().endswith("still here")
    assert log.lost == 0
    log.close()


def test_without_syslog_the_console_has_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log"
    log = Log(console=False, detail=False, as_json=False, syslog=str(path))
    log.tell(Severity.ERROR, "early")
    assert "early" in capfd.readouterr().err
    with syslog_at(path) as server:
        log.tell(Severity.ERROR, "late")
        assert server.recv(4096).decode().endswith("late")
    log.close()


def test_a_syslog_that_does_not_read_stops_nobody(tmp_path: Path) -> None:
    with syslog_at(tmp_path / "log"):
        log = Log(console=False, detail=False, as_json=False, syslog=str(tmp_path / "log"))
        for _ in range(100_000):
            log.tell(Severity.ERROR, "x" * 100)
            if log.lost:
                break
        assert log.lost == 1
        log.close()


def test_a_console_that_does_not_read_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stderr, os.fdopen(reading, "rb") as reader:
        monkeypatch.setattr(sys, "stderr", stderr)
        log = console()
        for number in range(100_000):
            log.tell(Severity.ERROR, f"{number} " + "x" * 1000)
            if log.lost:
                break
        assert log.lost == 1
        # Once it reads again there are whole lines, and a gap.
        lines = reader.read1(1 << 20).decode().splitlines()
        assert all(line.endswith("x" * 1000) for line in lines)
        log.tell(Severity.ERROR, "again")
        assert wait_until(lambda: b"again" in reader.read1(65536), 5)


def test_a_closed_console_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stderr:
        os.close(reading)
        monkeypatch.setattr(sys, "stderr", stderr)
        log = console()
        log.tell(Severity.ERROR, "nobody hears this")
        assert log.lost == 1


@pytest.mark.parametrize("as_json", [False, True])
def test_an_endless_text_is_cut(as_json: bool, capfd: pytest.CaptureFixture[str]) -> None:
    console(as_json=as_json).tell(Severity.ERROR, "\N{EURO SIGN}" * 1_000_000)
    line = capfd.readouterr().err
    assert len(line.encode()) <= LINE_BYTES_MAX
    assert "\N{EURO SIGN}" * 900 in line
    if as_json:
        assert json.loads(line)["message"].endswith("\N{HORIZONTAL ELLIPSIS}")


def test_a_file_name_that_is_no_text_can_be_told(tmp_path: Path) -> None:
    with syslog_at(tmp_path / "log") as server:
        log = Log(console=False, detail=False, as_json=False, syslog=str(tmp_path / "log"))
        log.tell(Severity.ERROR, os.fsdecode(b"/etc/\xff.conf: no such file"))
        assert b"no such file" in server.recv(4096)
        log.close()

"""An advert that broke a heartbeat is set aside: it breaks none again, and somebody can look."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from halod.daemon.quarantine import PACKETS_MAX, Quarantine
from halod.lab.patience import wait_until
from halod.model.address import VirtualAddress
from tests.kit import fragile
from tests.kit.build import instance, received
from tests.kit.node import NEAR, Node, config

ADVERT = received(instance())


def test_a_packet_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path)
    told = quarantine.set_aside(ADVERT, "was killed by SIGSEGV")
    (kept,) = (tmp_path / "quarantine").iterdir()
    assert str(kept) in told
    assert "192.168.178.131 on ens33" in told
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    record = json.loads(kept.read_text())
    assert bytes.fromhex(record["payload"]) == ADVERT.payload
    assert (record["source"], record["ttl"]) == ("192.168.178.131", 255)
    assert quarantine.packets == (ADVERT,)


def test_the_same_packet_is_kept_once(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path)
    for _ in range(3):
        quarantine.set_aside(ADVERT, "hung")
    assert len(list((tmp_path / "quarantine").iterdir())) == 1
    assert quarantine.packets == (ADVERT,)


def test_the_oldest_go_first_on_disk_and_in_memory(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path)
    adverts = [replace(ADVERT, payload=bytes([number])) for number in range(PACKETS_MAX + 3)]
    for number, advert in enumerate(adverts):
        quarantine.set_aside(advert, "hung")
        for path in (tmp_path / "quarantine").iterdir():
            if json.loads(path.read_text())["payload"] == f"{number:02x}":
                os.utime(path, (number, number))
    assert quarantine.packets == tuple(adverts[3:])
    kept = {json.loads(p.read_text())["payload"] for p in (tmp_path / "quarantine").iterdir()}
    assert kept == {f"{number:02x}" for number in range(3, PACKETS_MAX + 3)}


def test_what_cannot_be_written_is_dropped_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "quarantine").write_text("in the way")
    quarantine = Quarantine(tmp_path)
    assert "not set aside on disk" in quarantine.set_aside(ADVERT, "hung")
    assert quarantine.packets == (ADVERT,)


# ---- in a daemon -------------------------------------------------------------------------------


def payload(last_byte: int) -> bytes:
    """An advert for VRID 51 whose first address ends in that byte."""
    address = VirtualAddress(IPv4Address(f"192.0.2.{last_byte}"), 24, NEAR)
    return received(instance(interface=NEAR, addresses=(address,))).payload


@pytest.fixture
def backup(node: Node) -> Node:
    """A BACKUP whose heartbeat breaks on certain adverts."""
    node.config_file.write_text(config(priority=100, more="down_timer_adverts 100"))
    node.program = (sys.executable, fragile.__file__)
    node.start()
    return node


@pytest.mark.needs_netns
@pytest.mark.parametrize(
    ("last_byte", "how"),
    [
        (fragile.RAISES, "ended with status 1"),
        (fragile.ABORTS, "was killed by SIGABRT"),
        (fragile.HANGS, "hung"),
    ],
)
def test_an_advert_breaks_one_heartbeat_and_no_more(backup: Node, last_byte: int, how: str) -> None:
    old = backup.heartbeat
    advert = payload(last_byte)
    backup.send_advert(advert)
    backup.wait_log(f"was being handled when the heartbeat {how}: set aside in {backup.run_dir}")
    assert wait_until(lambda: backup.status()["heartbeat_pid"] not in (None, old.pid), 10)
    backup.wait_log("ready: ")
    young = backup.heartbeat
    assert wait_until(lambda: backup.state() == "BACKUP", 5)
    for _ in range(5):
        backup.send_advert(advert)
    assert wait_until(lambda: backup.status()["quarantine_drops"] == {"quarantined": 5}, 5)
    assert backup.heartbeat == young
    assert backup.status()["heartbeat_restarts"] == 1
    assert "192.0.2.77" in backup.status()["troubles"]["quarantine"]
    # Other adverts count as before.
    backup.send_advert(payload(9))
    assert wait_until(lambda: backup.dropped() + backup.received() == 1, 5)


@pytest.mark.needs_netns
def test_a_heartbeat_that_somebody_killed_blames_no_advert(backup: Node) -> None:
    backup.send_advert(payload(9))
    assert wait_until(lambda: backup.dropped() + backup.received() == 1, 5)
    backup.heartbeat.send(signal.SIGKILL)
    backup.wait_log("was killed by SIGKILL")
    backup.stop()
    assert not (backup.run_dir / "quarantine").exists()


@pytest.mark.needs_netns
def test_an_operator_gets_the_cause_and_no_trace(backup: Node) -> None:
    backup.send_advert(payload(fragile.RAISES))
    backup.wait_log("the heartbeat broke: IndexError: an advert that nobody had thought of (at ")
    backup.wait_log("ended with status 1")
    assert "fragile.py:" in backup.log()
    assert "Traceback" not in backup.log()


@pytest.mark.needs_netns
def test_a_heartbeat_ends_with_a_thread_of_its_own(backup: Node) -> None:
    """Leases are renewed by threads: a loop that goes on without one advertises what lapses."""
    old = backup.heartbeat
    backup.send_advert(payload(fragile.LOSES_A_THREAD))
    backup.wait_log("the heartbeat broke: ZeroDivisionError: ")
    backup.wait_log(f"heartbeat process {old.pid} ended with status 1")
    assert wait_until(lambda: backup.status()["heartbeat_pid"] not in (None, old.pid), 10)


@pytest.mark.needs_netns
def test_a_heartbeat_that_babbles_is_ended(backup: Node) -> None:
    old = backup.heartbeat
    backup.send_advert(payload(fragile.BABBLES))
    assert wait_until(lambda: bool(backup.status()) and "babbles" in backup.log(), 10)
    backup.wait_log(f"heartbeat process {old.pid} babbles: ending it")
    assert wait_until(lambda: backup.status()["heartbeat_pid"] not in (None, old.pid), 10)
    assert "Traceback" not in backup.log()


@pytest.mark.needs_netns
def test_a_heartbeat_that_lies_is_not_believed(backup: Node) -> None:
    backup.send_advert(payload(fragile.LIES))
    assert wait_until(lambda: bool(backup.status()) and "nonsense" in backup.log(), 10)
    before = len(os.listdir(f"/proc/{backup.process.pid}/fd"))
    for _ in range(5):
        backup.status()
    backup.wait_log("heartbeat said nonsense: {'type': 'dance'}")
    assert len(os.listdir(f"/proc/{backup.process.pid}/fd")) == before
    assert "Traceback" not in backup.log()
    assert backup.stop() == 0

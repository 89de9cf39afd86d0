"""Reloads: taken, refused, many at once, and while the heartbeat cannot answer."""

from __future__ import annotations

import contextlib
import os
import signal
import time

import pytest

from halod.lab.patience import stays_true, wait_until
from tests.daemon.test_death import freeze, supervisor
from tests.kit.node import NEAR, VIP, Node, config

pytestmark = pytest.mark.needs_netns

VIP2 = "192.0.2.10"
BOTH = config() + config("VI_2", vrid=52, vip=VIP2)
BROKEN = "vrrp_instance VI_1 {\n  interface near\n}\n"


@pytest.fixture
def master(node: Node) -> Node:
    node.start()
    node.wait_address(VIP)
    return node


def hang_up(node: Node, text: str) -> None:
    """Another file and SIGHUP."""
    node.config_file.write_text(text)
    node.process.send_signal(signal.SIGHUP)


def names(node: Node) -> list[str]:
    return [instance["name"] for instance in node.status()["instances"]]


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def test_an_instance_comes_and_goes(master: Node) -> None:
    heartbeat = master.heartbeat
    hang_up(master, BOTH)
    master.wait_address(VIP2)
    assert names(master) == ["VI_1", "VI_2"]
    hang_up(master, config())
    master.wait_address(VIP2, there=False)
    assert VIP in master.addresses()
    assert master.heartbeat == heartbeat, "the same process"
    assert master.status()["last_reload"] == "done"


def test_a_refused_file_keeps_what_runs(master: Node) -> None:
    hang_up(master, BROKEN)
    master.wait_log("reload refused, what ran before runs on unchanged")
    status = master.status()
    assert status["last_reload"] == "refused: the configuration before it runs on"
    assert "virtual_router_id" in status["refused"][0]
    assert names(master) == ["VI_1"]
    hang_up(master, BOTH)
    master.wait_address(VIP2)
    assert master.status()["refused"] == []


def test_the_reason_of_a_refusal_stands_first(master: Node) -> None:
    hang_up(master, "frobnicate on\n" + BROKEN)
    master.wait_log("reload refused, what ran before runs on unchanged")
    assert "virtual_router_id" in master.status()["refused"][0]


def test_a_file_that_is_gone_is_refused(master: Node) -> None:
    master.config_file.unlink()
    master.process.send_signal(signal.SIGHUP)
    master.wait_log("reload refused")
    assert "does not exist" in master.status()["refused"][0]
    assert VIP in master.addresses()


def test_a_storm_of_reloads_ends_with_the_last_file(master: Node) -> None:
    before = descriptors(master.process.pid), descriptors(master.heartbeat.pid)
    for number in range(300):
        hang_up(master, BOTH if number % 2 else config())
    master.wait_address(VIP2)
    hang_up(master, config())
    master.wait_address(VIP2, there=False)
    assert wait_until(lambda: names(master) == ["VI_1"], 10)
    assert VIP in master.addresses()
    assert master.status()["heartbeat_restarts"] == 0
    assert "Traceback" not in master.log()
    after = descriptors(master.process.pid), descriptors(master.heartbeat.pid)
    assert after == before


def test_a_reload_of_a_frozen_heartbeat_is_taken_up_by_the_next(master: Node) -> None:
    freeze(master.heartbeat)
    for _ in range(5):
        hang_up(master, BOTH)
    master.wait_log("hangs: ending it")
    master.wait_address(VIP2)
    assert names(master) == ["VI_1", "VI_2"]
    assert master.status()["last_reload"] == "done"
    assert "Traceback" not in master.log()


def test_a_reload_that_meets_a_dead_heartbeat_is_taken_up_by_the_next(master: Node) -> None:
    heartbeat = master.heartbeat
    freeze(supervisor(master))
    heartbeat.send(signal.SIGKILL)
    hang_up(master, BOTH)
    supervisor(master).send(signal.SIGCONT)
    master.wait_address(VIP2)
    assert master.status()["last_reload"] == "done"
    assert "Traceback" not in master.log()


def test_nothing_stays_open_on_an_interface_that_is_no_longer_used(master: Node) -> None:
    master.namespace.ip("link", "add", "other", "type", "veth", "peer", "other1")
    master.namespace.ip("address", "add", "198.51.100.1/24", "dev", "other")
    for link in ("other", "other1"):
        master.namespace.ip("link", "set", link, "up")
    before = descriptors(master.heartbeat.pid)
    hang_up(master, config().replace(f"interface {NEAR}", "interface other"))
    master.wait_log("configuration reloaded")
    groups = master.namespace.ip("maddress", "show", "dev", NEAR)
    assert "224.0.0.18" not in groups
    assert "224.0.0.18" in master.namespace.ip("maddress", "show", "dev", "other")
    assert descriptors(master.heartbeat.pid) == before


def test_a_death_after_a_reload_speaks_for_the_new_instances(master: Node) -> None:
    hang_up(master, config("VI_2", vrid=52, vip=VIP2) + config())
    master.wait_address(VIP2)
    master.adverts()
    master.heartbeat.send(signal.SIGKILL)
    master.wait_log("resigned for VI_2, VI_1")
    assert {(51, 0), (52, 0)} <= set(master.adverts())


def test_descriptors_do_not_pile_up_over_deaths(master: Node) -> None:
    before = descriptors(master.process.pid)
    old = master.heartbeat
    for restarts in (1, 2):
        old.send(signal.SIGKILL)
        assert wait_until(lambda: master.status()["heartbeat_restarts"] == restarts, 10)  # noqa: B023
        master.wait_log("ready: ")
        old = master.heartbeat
    master.wait_state("MASTER")
    assert descriptors(master.process.pid) == before


def test_a_reload_during_the_stop_starts_nothing(master: Node) -> None:
    freeze(master.heartbeat)  # so that the stop takes its time
    master.process.send_signal(signal.SIGTERM)
    while master.process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            master.process.send_signal(signal.SIGHUP)
    assert master.process.returncode == 0
    assert master.namespace.members() == []
    assert "configuration reloaded" not in master.log()
    assert VIP not in master.addresses()


def test_a_storm_of_refused_reloads_keeps_nobody_waiting(master: Node) -> None:
    """Each file takes its time to read; the signals that come meanwhile are one."""
    broken = "".join(f"interface {number}\n" for number in range(1000))
    refused = config().replace("virtual_router_id", "virtual_route_id")
    master.config_file.write_text(refused + broken)
    for _ in range(300):
        master.process.send_signal(signal.SIGHUP)
        assert not stays_true(lambda: False, 0.001)
    began = time.monotonic()
    assert master.status()["pid"] == master.process.pid
    assert time.monotonic() - began < 8
    master.wait_log("reload refused")
    assert master.state() == "MASTER"
    assert master.log().count("reload refused") < 30


def test_an_interface_that_is_not_there_is_refused_for_who_runs(master: Node) -> None:
    """keepalived ends there. One that is new waits for its link, as at a start."""
    hang_up(master, config().replace(f"interface {NEAR}", "interface nea"))
    master.wait_log("reload refused, what ran before runs on unchanged: ")
    (refused,) = master.status()["refused"]
    assert refused == (
        f"{master.config_file}:2:5: refuse[H501] this machine has no interface `nea`, and `VI_1` "
        "would lose its addresses (did you mean `near`?)"
    )
    assert VIP in master.addresses()
    new = config("VI_2", vrid=52, vip=VIP2).replace(f"interface {NEAR}", "interface far9")
    hang_up(master, config() + new)
    master.wait_log("configuration reloaded")
    assert wait_until(lambda: names(master) == ["VI_1", "VI_2"], 10)
    assert wait_until(lambda: master.state(1) == "FAULT", 10)
    assert master.state(0) == "MASTER"
    assert master.status()["refused"] == []

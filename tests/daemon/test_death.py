"""Deaths: of the heartbeat, of the supervisor, of both; and what must not be left after one."""

from __future__ import annotations

import os
import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from halod.lab.patience import stays_true, wait_until
from halod.lab.process import ProcessId
from tests.kit.node import HERE, NEAR, VIP, Node, config

pytestmark = pytest.mark.needs_netns


@pytest.fixture
def master(node: Node) -> Node:
    """A daemon that is MASTER and holds the address."""
    node.start()
    node.wait_address(VIP)
    node.adverts()
    return node


def freeze(process: ProcessId) -> None:
    process.send(signal.SIGSTOP)
    assert wait_until(lambda: process.state == "T", 5)


def supervisor(node: Node) -> ProcessId:
    found = ProcessId.of(node.process.pid)
    assert found is not None
    return found


def successor(node: Node, old: ProcessId) -> ProcessId:
    """The heartbeat that came after another."""
    assert wait_until(lambda: node.status()["heartbeat_pid"] not in (None, old.pid), 10)
    return node.heartbeat


def test_a_killed_heartbeat_is_spoken_for_and_replaced(master: Node) -> None:
    old = master.heartbeat
    old.send(signal.SIGKILL)
    master.wait_log(
        f"heartbeat process {old.pid} was killed by SIGKILL; resigned for VI_1; removed {VIP}"
    )
    assert (51, 0) in master.adverts()
    successor(master, old)
    assert master.status()["heartbeat_restarts"] == 1
    master.wait_address(VIP)


def test_a_hung_heartbeat_is_ended_and_replaced(master: Node) -> None:
    old = master.heartbeat
    freeze(old)
    master.wait_log(f"heartbeat process {old.pid} hangs: ending it", 3)
    master.wait_log("resigned for VI_1")
    successor(master, old)


def test_a_backup_has_nothing_to_resign(node: Node) -> None:
    node.config_file.write_text(config(priority=100))
    node.start()
    node.heartbeat.send(signal.SIGKILL)
    node.wait_log("was killed by SIGKILL; it held nothing")
    assert node.adverts() == []


def test_the_third_death_within_a_minute_is_the_last_until_a_reload(master: Node) -> None:
    old = master.heartbeat
    for _ in range(2):
        old.send(signal.SIGKILL)
        old = successor(master, old)
    old.send(signal.SIGKILL)
    master.wait_log("heartbeat stays down: it died 3 times within 60 s")
    status = master.status()
    assert status["heartbeat_pid"] is None
    assert "the last time: was killed by SIGKILL" in status["heartbeat_down"]
    assert status["instances"] == [], "nothing of the dead is shown as if it lived"
    assert VIP not in master.addresses()
    shown = master.haloctl("status")
    assert shown.returncode == 1
    assert "alarm: the heartbeat process is down" in shown.stdout
    assert "`haloctl reload` starts it again" in master.haloctl("why").stderr
    assert master.haloctl("reload").returncode == 0
    master.wait_state("MASTER")
    master.wait_address(VIP)
    assert master.status()["heartbeat_down"] == ""
    assert master.stop() == 0


def test_without_its_supervisor_the_heartbeat_stops_cleanly(master: Node) -> None:
    heartbeat = master.heartbeat
    supervisor(master).send(signal.SIGKILL)
    assert heartbeat.wait_gone(5)
    assert VIP not in master.addresses()
    assert (51, 0) in master.adverts()


def test_a_successor_removes_what_the_killed_left(master: Node) -> None:
    heartbeat = master.heartbeat
    freeze(heartbeat)
    supervisor(master).send(signal.SIGKILL)
    heartbeat.send(signal.SIGKILL)
    assert heartbeat.wait_gone(5)
    assert VIP in master.addresses(), "its lifetime is not over yet"
    master.config_file.write_text(config(priority=100))
    master.log_file.unlink()
    master.start()
    master.wait_log(f"removed what an earlier halod left: {VIP}/24 dev {NEAR}")
    assert VIP not in master.addresses()
    assert master.state() == "BACKUP"


@pytest.mark.needs_bpf
def test_a_successor_takes_over_the_gate_of_the_killed(master: Node) -> None:
    heartbeat = master.heartbeat
    freeze(heartbeat)
    supervisor(master).send(signal.SIGKILL)
    heartbeat.send(signal.SIGKILL)
    master.log_file.unlink()
    master.start()
    master.wait_address(VIP)
    assert wait_until(lambda: master.status()["instances"][0]["lease_mode"] == "bpf", 5)
    for way in ("ingress", "egress"):
        shown = master.namespace.run("tc", "filter", "show", "dev", NEAR, way)
        assert shown.count("halod:") == 1
    assert master.stop() == 0
    for way in ("ingress", "egress"):
        assert master.namespace.run("tc", "filter", "show", "dev", NEAR, way) == ""


def test_a_heartbeat_that_died_just_before_the_stop_leaves_nothing(master: Node) -> None:
    heartbeat = master.heartbeat
    freeze(supervisor(master))
    heartbeat.send(signal.SIGKILL)
    assert heartbeat.wait_gone(5)
    master.process.send_signal(signal.SIGTERM)
    supervisor(master).send(signal.SIGCONT)
    assert master.process.wait(10) == 0
    assert VIP not in master.addresses()
    assert (51, 0) in master.adverts()


def test_a_frozen_heartbeat_cannot_stop_the_stop(master: Node) -> None:
    freeze(master.heartbeat)
    assert master.stop() == 0
    assert VIP not in master.addresses()
    assert (51, 0) in master.adverts()


def test_the_last_facts_of_the_dead_are_told(master: Node) -> None:
    heartbeat = master.heartbeat
    freeze(supervisor(master))
    master.namespace.ip("link", "set", NEAR, "down")
    # In FAULT it takes its addresses off; then it has said so, too.
    master.wait_address(VIP, there=False)
    assert not stays_true(lambda: False, 0.3)
    heartbeat.send(signal.SIGKILL)
    supervisor(master).send(signal.SIGCONT)
    master.wait_log("Entering FAULT STATE (was MASTER)")


def test_an_owner_keeps_its_address_past_every_lifetime(master: Node) -> None:
    """It is granted before the gate hangs, with the short lifetime of a lease without one."""
    assert stays_true(lambda: VIP in master.addresses(), 4.5, every_s=0.1)
    assert master.state() == "MASTER"
    assert master.status()["instances"][0]["term"] == 1


def test_a_heartbeat_that_somebody_stops_is_replaced(master: Node) -> None:
    old = master.heartbeat
    old.send(signal.SIGTERM)
    master.wait_log(f"heartbeat process {old.pid} ended with status 0; it held nothing")
    assert (51, 0) in master.adverts(), "it resigned itself"
    successor(master, old)
    master.wait_address(VIP)


def test_without_descriptors_it_says_so_and_lives(master: Node) -> None:
    """Neither a last will nor a new heartbeat can be had, and nothing may be torn down by that."""
    heartbeat = master.heartbeat
    with few_descriptors(master):
        heartbeat.send(signal.SIGKILL)
        master.wait_log("heartbeat stays down: it could not be started: Too many open files")
        master.wait_log("could not resign (")
    master.process.send_signal(signal.SIGHUP)
    assert wait_until(lambda: answers(master) and master.state() == "MASTER", 20), master.log()
    master.wait_address(VIP)
    assert master.stop() == 0


def answers(node: Node) -> bool:
    """Whether it takes a question again: while it had no descriptor, it could not."""
    try:
        return bool(node.status()["heartbeat_pid"])
    except OSError:
        return False


def test_a_stop_of_many_leaves_no_address(node: Node) -> None:
    """Their grants still wait for the kernel when the stop comes: revocations wait behind them."""
    node.config_file.write_text(
        "".join(config(f"VI_{i}", vrid=i + 1, vip=f"10.0.{i}.1") for i in range(255))
    )
    node.start()
    assert node.stop() == 0
    assert node.addresses() == {HERE}
    # On a slow machine some have gone back to BACKUP by then, for want of a grant in time.
    assert node.log().count("Entering INIT STATE (was ") == 255, "each said its last words"
    assert "Entering INIT STATE (was MASTER)" in node.log(), "the stop met masters"


def test_a_frozen_heartbeat_is_shown_as_it_was(master: Node) -> None:
    """Nobody had asked before it froze: `node.heartbeat` would."""
    heartbeat = ProcessId.of(int((master.run_dir / "vrrp.pid").read_text()))
    assert heartbeat is not None
    freeze(heartbeat)
    assert master.state() == "MASTER"


def test_every_thread_of_the_heartbeat_runs_in_real_time(master: Node) -> None:
    """One of ordinary priority that holds the interpreter's lock keeps the others waiting."""
    tasks = [int(task.name) for task in Path(f"/proc/{master.heartbeat.pid}/task").iterdir()]
    assert len(tasks) > 1
    for_itself = os.SCHED_RR | os.SCHED_RESET_ON_FORK
    assert {os.sched_getscheduler(task) for task in tasks} == {for_itself}
    priorities = sorted(os.sched_getparam(task).sched_priority for task in tasks)
    assert priorities == [49] * (len(tasks) - 1) + [50], "the loop goes before the rest"
    assert os.sched_getscheduler(master.process.pid) == os.SCHED_OTHER


def test_a_heartbeat_that_cannot_be_started_is_tried_again(master: Node) -> None:
    """A machine that is short of descriptors or memory is so for a while."""
    heartbeat = master.heartbeat
    with few_descriptors(master):
        heartbeat.send(signal.SIGKILL)
        master.wait_log("heartbeat stays down: it could not be started: Too many open files")
    master.wait_log("Entering MASTER STATE (was INIT)", times=2)
    assert master.log().count("could not be started") == 1, "once, not each time"
    assert master.status()["heartbeat_down"] == ""
    master.wait_address(VIP)


def test_a_fault_of_the_supervisor_is_told_in_a_line(master: Node) -> None:
    """Nobody can connect for want of descriptors; asyncio would print a hundred traces."""
    with few_descriptors(master), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(master.run_dir / "control.sock"))
        master.wait_log("supervisor: socket.accept() out of system resource: OSError: [Errno 24]")
    assert wait_until(lambda: answers(master), 5)
    assert master.log().count("out of system resource") == 1
    assert "Traceback" not in master.log()


@contextmanager
def few_descriptors(node: Node) -> Iterator[None]:
    """The supervisor can open nothing more."""
    pid = node.process.pid
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, limits[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)

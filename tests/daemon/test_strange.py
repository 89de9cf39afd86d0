"""Strange days: links that go and come, files that cannot be written, a gate that is taken."""

from __future__ import annotations

import json
import os
import random
import signal

import pytest

from halod.lab.patience import stays_true, wait_until
from halod.lab.process import ProcessId
from tests.kit.node import FAR, HERE, NEAR, VIP, Node

pytestmark = pytest.mark.needs_netns

MOUNT = 'mkdir "$0" && mount -t tmpfs -o size=4k,mode=700 none "$0" &&'
FILL = 'head -c 4096 /dev/zero >"$0/full" &&'
LOCK = 'mount -o remount,ro "$0" &&'


@pytest.fixture
def master(node: Node) -> Node:
    node.start()
    node.wait_address(VIP)
    return node


def make_link(node: Node) -> None:
    node.namespace.ip("link", "add", NEAR, "type", "veth", "peer", FAR)
    node.namespace.ip("address", "add", f"{HERE}/24", "dev", NEAR)
    for link in (NEAR, FAR):
        node.namespace.ip("link", "set", link, "up")


# ---- links -------------------------------------------------------------------------------------


def test_an_interface_that_is_removed_and_made_anew(master: Node) -> None:
    before = len(os.listdir(f"/proc/{master.heartbeat.pid}/fd"))
    heartbeat = master.heartbeat
    for times in (1, 2, 3):
        master.namespace.ip("link", "del", NEAR)
        master.wait_log("Entering FAULT STATE (was MASTER)", times=times)
        make_link(master)
        master.wait_log("Entering MASTER STATE (was FAULT)", times=times)
        master.wait_address(VIP)
    assert master.heartbeat == heartbeat
    assert len(os.listdir(f"/proc/{heartbeat.pid}/fd")) == before


def test_an_interface_that_is_renamed_and_named_back(master: Node) -> None:
    def rename(old: str, new: str) -> None:
        master.namespace.ip("link", "set", old, "down")
        master.namespace.ip("link", "set", old, "name", new, "up")

    rename(NEAR, "elsewhere")
    master.wait_state("FAULT")
    assert wait_until(lambda: VIP not in master.addresses("elsewhere"), 12)
    rename("elsewhere", NEAR)
    master.wait_state("MASTER")
    master.wait_address(VIP)


def test_another_address_of_the_interface_is_the_source_from_then_on(master: Node) -> None:
    """The virtual address goes with the first one, which it was secondary to: it comes back."""
    master.namespace.ip("address", "del", f"{HERE}/24", "dev", NEAR)
    master.wait_log("Entering FAULT STATE (was MASTER): interface near has no IPv4 address")
    master.namespace.ip("address", "add", "192.0.2.2/24", "dev", NEAR)
    master.wait_log("Entering MASTER STATE (was FAULT)")
    master.wait_address(VIP)
    assert master.status()["instances"][0]["own_address"] == "192.0.2.2"


def test_an_address_that_somebody_removes_is_put_back_and_he_is_named(master: Node) -> None:
    master.namespace.ip("address", "del", f"{VIP}/24", "dev", NEAR)
    master.wait_log(f"removed {VIP}: put back (1 of at most 3 times in 10 s)")
    master.wait_address(VIP)
    for _ in range(3):
        master.namespace.ip("address", "del", f"{VIP}/24", "dev", NEAR)
        assert wait_until(lambda: VIP in master.addresses() or master.state() != "MASTER", 5)
    master.wait_log("Entering BACKUP STATE (was MASTER)")


def on_disk(node: Node, state: str) -> tuple[str, ...]:
    """Starts in a run directory that is a disk of its own (`ip netns exec` made mounts private)."""
    return ("sh", "-c", f'{MOUNT} {state} exec "$@"', str(node.run_dir))


# ---- files -------------------------------------------------------------------------------------


def test_a_full_disk_is_told_and_keeps_nobody_from_serving(node: Node) -> None:
    node.start(prefix=on_disk(node, FILL))
    node.wait_address(VIP)
    node.wait_log(f"{node.run_dir}/halod.pid: No space left on device")
    assert stays_true(lambda: VIP in node.addresses(), 4, every_s=0.2)
    assert node.stop() == 0
    assert VIP not in node.addresses()
    assert "Traceback" not in node.log()


def test_a_read_only_run_directory_is_told_and_keeps_nobody_from_serving(node: Node) -> None:
    node.start(prefix=on_disk(node, LOCK))
    node.wait_address(VIP)
    node.wait_log("control socket: Read-only file system: haloctl cannot ask")
    assert node.stop() == 0
    assert VIP not in node.addresses()
    assert "Traceback" not in node.log()


def test_a_state_file_that_is_broken_is_told(node: Node) -> None:
    node.run_dir.mkdir(mode=0o700)
    (node.run_dir / "addresses.json").write_text("{")
    node.start()
    node.wait_log("addresses.json: not what halod wrote: ignored")
    node.wait_address(VIP)


def test_it_needs_no_other_program(node: Node) -> None:
    node.start(prefix=("env", "PATH=/nonexistent"))
    node.wait_address(VIP)
    assert node.stop() == 0


# ---- the gate ----------------------------------------------------------------------------------


def lease_mode(node: Node) -> str:
    return str(node.status()["instances"][0]["lease_mode"])


@pytest.mark.needs_bpf
def test_a_gate_that_somebody_takes_is_put_back_and_told(master: Node) -> None:
    assert wait_until(lambda: lease_mode(master) == "bpf", 5)
    for times in (1, 2):
        master.namespace.run("tc", "qdisc", "del", "dev", NEAR, "clsact")
        master.wait_log(f"somebody removed the lease's gate from {NEAR}", times=times)
        assert wait_until(lambda: master.filters() == 2, 5)
    assert master.state() == "MASTER"
    assert lease_mode(master) == "bpf"
    assert master.is_answered()


@pytest.mark.needs_bpf
def test_after_the_death_of_all_the_address_is_silent_before_it_goes(master: Node) -> None:
    assert wait_until(lambda: lease_mode(master) == "bpf", 5)
    assert master.is_answered()
    # The first lifetime was that of a lease without a gate: the next advert brings the other.
    assert wait_until(lambda: lifetime_s(master) > 5, 5)
    kill_all(master)
    # 3 adverts of 1 s: the lease of the last one.
    assert wait_until(lambda: not master.is_answered(within_s=0.05), 4)
    assert VIP in master.addresses()
    assert master.is_answered(HERE)


@pytest.mark.needs_bpf
def test_the_operators_own_address_is_never_silenced(node: Node) -> None:
    node.namespace.ip("address", "add", f"{VIP}/24", "dev", NEAR)
    node.start()
    node.wait_log(f"{VIP} stood on this host before: not ours")
    assert wait_until(lambda: lease_mode(node) == "bpf", 5)
    kill_all(node)
    assert stays_true(node.is_answered, 4, every_s=0.2)


def lifetime_s(node: Node) -> int:
    """What is left of the virtual address's lifetime."""
    shown = json.loads(node.namespace.ip("-j", "address", "show", "dev", NEAR))
    entries = [entry for link in shown for entry in link.get("addr_info", [])]
    return next((int(e["valid_life_time"]) for e in entries if e["local"] == VIP), 0)


def kill_all(node: Node) -> None:
    """As by a crash of everything: nobody is left who could stop cleanly."""
    heartbeat = node.heartbeat
    heartbeat.send(signal.SIGSTOP)
    node.process.kill()
    heartbeat.send(signal.SIGKILL)
    assert heartbeat.wait_gone(5)


@pytest.mark.needs_bpf
def test_who_was_frozen_past_the_lease_was_silent_and_says_so(master: Node) -> None:
    assert wait_until(lambda: lease_mode(master) == "bpf", 5)
    supervisor = ProcessId.of(master.process.pid)
    assert supervisor is not None
    both = (supervisor, master.heartbeat)
    for process in both:
        process.send(signal.SIGSTOP)
    assert wait_until(lambda: not master.is_answered(within_s=0.05), 5)
    for process in reversed(both):
        process.send(signal.SIGCONT)
    master.wait_log("STATE (was MASTER): ")
    master.wait_state("MASTER")
    assert wait_until(master.is_answered, 5)
    assert master.status()["heartbeat_restarts"] == 0


# ---- floods ------------------------------------------------------------------------------------


def test_a_flood_of_garbage_is_counted_and_delays_no_advert(master: Node) -> None:
    dice = random.Random(0)
    master.adverts()
    for number in range(20_000):
        # VRID 51 in most of them, so that they reach the instance.
        master.send_advert(bytes([0x21, 51]) + dice.randbytes(number % 40))
    assert wait_until(lambda: master.dropped() > 1000, 10)
    assert stays_true(lambda: master.state() == "MASTER", 2, every_s=0.2)
    assert master.status()["instances"][0]["term"] == 1
    assert len(master.adverts()) >= 2
    assert len(master.log().splitlines()) < 100, "a flood fills no log"

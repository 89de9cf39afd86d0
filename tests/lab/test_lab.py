"""Labs in the kernel: made, used, broken, and gone without a trace whatever happens to them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from halod.lab.client import page, pings, server_of
from halod.lab.directory import LabDirectory, LabState
from halod.lab.errors import LabError
from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from halod.lab.process import ProcessId
from halod.lab.topology import VIP_1, tutorial_topology
from halod.lab.tutorial_lab import SINGLE, WWW, set_up_nodes, start_web
from tests.kit.pair import SKEW_S, outage_of

pytestmark = [pytest.mark.needs_netns, pytest.mark.needs_nft]

VIP = str(VIP_1)
KEEPALIVED = {"lb01": "keepalived", "lb02": "keepalived"}


def namespaces(lab_id: str) -> list[str]:
    """Names in the machine that belong to a lab."""
    return [name for name in os.listdir("/run/netns") if name.startswith(f"halod-{lab_id}-")]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with Lab(tutorial_topology(), base=tmp_path) as lab:
        yield lab


def test_hosts_hear_each_other_and_nothing_remains(tmp_path: Path) -> None:
    links = sorted(os.listdir("/sys/class/net"))
    with Lab(tutorial_topology(), base=tmp_path) as lab:
        assert len(namespaces(lab.directory.lab_id)) == 6
        assert pings(lab.machine("client"), "192.168.178.130")
        assert not pings(lab.machine("client"), VIP)
        lab.machine("web01").start("sleeper", ["sleep", "1000"])
        members = lab.machine("web01").namespace.members()
        assert len(members) == 1
        assert sorted(os.listdir("/sys/class/net")) == links
    assert namespaces(lab.directory.lab_id) == []
    assert list(tmp_path.iterdir()) == []
    assert not members[0].alive


def test_an_error_inside_ends_the_lab_too(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Lab(tutorial_topology(), base=tmp_path) as lab:
        _ = 1 / 0
    assert namespaces(lab.directory.lab_id) == []


def test_two_labs_side_by_side(lab: Lab, tmp_path: Path) -> None:
    with Lab(tutorial_topology(), base=tmp_path) as other:
        for each in (lab, other):
            assert pings(each.machine("client"), "192.168.178.130")
        other.faults.unplug("lb01")
        assert not pings(other.machine("client"), "192.168.178.130")
        assert pings(lab.machine("client"), "192.168.178.130")
    assert pings(lab.machine("client"), "192.168.178.131")


def test_a_name_is_given_once(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(LabError, match="exists already"):
        Lab(tutorial_topology(), lab.directory.lab_id, tmp_path).open()
    assert pings(lab.machine("client"), "192.168.178.130")


VICTIM = """
import signal, sys
from pathlib import Path
from halod.lab.lab import Lab
from halod.lab.topology import tutorial_topology
with Lab(tutorial_topology(), "victim" + sys.argv[2], Path(sys.argv[1])) as lab:
    # A run in the background of a shell has it ignored, and its children with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    started = lab.machine("lb01").start("sleeper", ["sleep", "1000"])
    print(started.pid, started.start_ticks, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_lab_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    lab_id = f"victim{os.getpid()}"
    with subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(tmp_path), str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as victim:
        assert victim.stdout is not None
        pid, start_ticks = victim.stdout.readline().split()
        sleeper = ProcessId(int(pid), int(start_ticks))
        assert sleeper.alive
        assert len(namespaces(lab_id)) == 6
        victim.send_signal(number)
        victim.wait(timeout=60)
        wait_until(lambda: not any(tmp_path.iterdir()), within_s=15)
    assert namespaces(lab_id) == []
    assert list(tmp_path.iterdir()) == []
    assert not sleeper.alive


def test_a_lab_whose_owner_and_guardian_died_is_swept(tmp_path: Path) -> None:
    dead = ProcessId(os.getpid(), 0)
    left = LabDirectory(f"left{os.getpid()}", tmp_path)
    left.create(LabState(tutorial_topology(), dead))
    left.namespace("lb01").create()
    with Lab(tutorial_topology(), base=tmp_path) as lab:
        assert namespaces(left.lab_id) == []
        assert [path.name for path in tmp_path.iterdir()] == [lab.directory.lab_id]


def test_faults_of_the_network_break_and_heal(lab: Lab) -> None:
    lb01, lb02, client = (lab.machine(name) for name in ("lb01", "lb02", "client"))
    lab.faults.partition("lb01", "lb02")
    assert not pings(lb01, "192.168.178.131")
    assert pings(client, "192.168.178.130")
    assert pings(client, "192.168.178.131")
    assert lab.faults.standing() == ["lb01 and lb02 do not hear each other"]
    lab.faults.heal()
    assert pings(lb02, "192.168.178.130")
    lab.faults.link_down("lb01")
    assert not pings(client, "192.168.178.130")
    lab.faults.heal()
    lab.faults.isolate("lb01")
    assert not pings(client, "192.168.178.130")
    assert pings(client, "192.168.178.131")
    lab.faults.heal()
    assert pings(client, "192.168.178.130")
    assert lab.faults.standing() == []


@pytest.mark.needs_nginx
def test_the_tutorials_nginx_serves_both_web_servers_in_turn(lab: Lab) -> None:
    start_web(lab)
    client = lab.machine("client")
    seen = [server_of(page(client, WWW, "192.168.178.130")) for _ in range(4)]
    assert sorted(seen) == ["web01", "web01", "web02", "web02"]
    assert seen[0] != seen[1]
    lab.faults.power_off("lb01")
    assert lab.machine("lb01").programs() == []
    assert page(client, WWW, "192.168.178.130").startswith("error: ")
    lab.faults.power_on("lb01")
    assert server_of(page(client, WWW, "192.168.178.130")) in ("web01", "web02")


@pytest.mark.needs_keepalived
def test_a_keepalived_pair_is_observed_and_broken(lab: Lab) -> None:
    lb01, lb02 = set_up_nodes(lab, KEEPALIVED, SINGLE)
    lb01.start()
    lb02.start()
    lab.wait_for_owner(VIP, "lb01", within_s=8)
    stopped = lab.probe(VIP, seconds=1, during=lb01.stop)
    assert stopped.answered_by[-1] == "lb02"
    assert stopped.outage_s == outage_of(SKEW_S)
    assert stopped.no_owner_s == outage_of(SKEW_S)
    assert stopped.two_owners_s == 0
    lb01.start()
    lab.wait_for_owner(VIP, "lb01", within_s=8)
    frozen = lab.probe(VIP, seconds=5, during=lb01.freeze_all)
    # What halod exists for: keepalived's address stays on the frozen node.
    assert frozen.two_owners_s > 1
    assert lab.owners(VIP) == ["lb01", "lb02"]
    lb01.thaw()
    lab.wait_for_owner(VIP, "lb01", within_s=8)
    lb01.kill_all()
    assert lb01.parent is None
    lb01.start()
    assert lb01.heartbeat is not None


@pytest.mark.needs_keepalived
def test_a_lab_can_be_used_by_another_process(lab: Lab) -> None:
    lb01, _lb02 = set_up_nodes(lab, KEEPALIVED, SINGLE)
    lb01.start()
    attached = Lab.attach(lab.directory)
    assert attached.balancers["lb01"].parent == lb01.parent
    attached.balancers["lb01"].stop()
    assert lb01.parent is None
    with pytest.raises(LabError, match="knows its history"):
        attached.owners(VIP)


def test_an_address_that_stands_and_is_silent_is_owned_by_nobody(lab: Lab) -> None:
    lab.machine("lb01").namespace.ip("address", "add", f"{VIP}/24", "dev", "ens33")
    assert wait_until(lambda: lab.owners(VIP) == ["lb01"], within_s=8)
    lab.machine("lb01").namespace.set_kernel_value("net/ipv4/conf/ens33/arp_ignore", "8")
    assert wait_until(lambda: lab.owners(VIP) == [], within_s=8)
    lab.machine("lb01").namespace.set_kernel_value("net/ipv4/conf/ens33/arp_ignore", "0")
    assert wait_until(lambda: lab.owners(VIP) == ["lb01"], within_s=8)
    silence = [holding for holding in lab.holdings() if holding.vip == VIP]
    assert len(silence) == 2

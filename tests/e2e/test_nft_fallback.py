"""A node that may not use BPF: nftables hold its lease, and without nft it tells so.

One halod in the lab, alone on its link.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from halod.cli.ask import ask
from halod.lab.balancer import NODE, Balancer
from halod.lab.lab import Lab
from halod.lab.node_program import HALOD
from halod.lab.patience import wait_until
from halod.lab.topology import VIP_1, tutorial_topology
from halod.wire.gate_rules import table_name

pytestmark = [pytest.mark.e2e, pytest.mark.needs_netns, pytest.mark.needs_nft]

VIP = str(VIP_1)
CONFIG = """
vrrp_instance VI_1 {{
    interface ens33
    virtual_router_id 51
    priority 150
    advert_int 1
    {wish}
    virtual_ipaddress {{
        {vip}/24
    }}
}}
"""
WITHOUT_BPF = ["--bounding-set=-bpf,-sys_admin", "--inh-caps=-bpf,-sys_admin"]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with Lab(tutorial_topology(), base=tmp_path) as lab:
        yield lab


def node_without_bpf(lab: Lab, wish: str) -> Balancer:
    """A halod without the capabilities of bpf(2), as in most containers."""
    setpriv, halod = shutil.which("setpriv"), HALOD.find()
    assert setpriv, "util-linux, as unshare and ip netns are"
    assert halod
    node = lab.balancer("lb01", "halod", CONFIG.format(wish=wish, vip=VIP))
    node.program = replace(
        HALOD,
        find=lambda: setpriv,
        arguments=lambda file, run: [*WITHOUT_BPF, halod, *HALOD.arguments(file, run)],
    )
    return node


def status(node: Balancer) -> dict[str, Any]:
    return ask(str(node.machine.run_directory), "status")


def ruleset(node: Balancer) -> str:
    return node.machine.namespace.run("nft", "list", "ruleset")


def test_nftables_hold_the_lease_and_what_removes_them_is_an_alarm(lab: Lab) -> None:
    node = node_without_bpf(lab, "")
    node.start()
    lab.wait_for_owner(VIP, "lb01", within_s=10)
    answer = status(node)
    assert answer["instances"][0]["lease_mode"] == "nft"
    assert answer["troubles"]["lease"] == (
        "the kernel refuses BPF (Operation not permitted): nftables is tried instead"
    )
    node.machine.namespace.run("nft", "add", "table", "inet", "operator")
    node.machine.namespace.run("nft", "flush", "ruleset")
    name = table_name(str(node.machine.run_directory))
    assert wait_until(lambda: f"table arp {name}" in ruleset(node), 3.0)
    assert wait_until(lambda: "somebody removed the lease's table" in node.log_tail(5), 3.0)
    assert status(node)["instances"][0]["state"] == "MASTER"
    assert wait_until(lambda: lab.owners(VIP) == ["lb01"], 2.0)
    node.machine.namespace.run("nft", "add", "table", "inet", "operator")
    node.stop()
    assert ruleset(node).split() == ["table", "inet", "operator", "{", "}"]


def test_release_takes_away_what_a_killed_node_left(lab: Lab) -> None:
    node = node_without_bpf(lab, "@halod vip_lease nft")
    node.start()
    lab.wait_for_owner(VIP, "lb01", within_s=10)
    node.kill_all()
    # The address stands, and is silent when its lease is over.
    assert wait_until(lambda: lab.owners(VIP) == [], 4.0)
    assert VIP in node.machine.namespace.ip("address", "show", "ens33")
    haloctl, run_dir = str(Path(sys.prefix, "bin", "haloctl")), str(node.machine.run_directory)
    node.machine.namespace.run(
        haloctl, "release", "-f", str(node.config_path), "--run-dir", run_dir
    )
    assert VIP not in node.machine.namespace.ip("address", "show", "ens33")
    assert ruleset(node) == ""


def test_without_nft_the_address_is_leased_and_that_is_told(lab: Lab, tmp_path: Path) -> None:
    node = node_without_bpf(lab, "@halod vip_lease nft")
    command = node.program.command(node.config_path, node.machine.run_directory)
    empty = tmp_path / "empty"
    empty.mkdir()
    node.machine.start(NODE, command, private={Path("/usr/sbin"): empty})
    lab.wait_for_owner(VIP, "lb01", within_s=10)
    answer = status(node)
    assert answer["instances"][0]["lease_mode"] == "address"
    assert answer["troubles"]["nft gate on ens33"] == "there is no program nft (package nftables)"
    assert "no nft gate on ens33" in node.log_tail()

"""Addresses that answer nobody: found by their neighbours, and deaf to everything else."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from halod.cli.ask import ask
from halod.lab.balancer import NODE, Balancer
from halod.lab.lab import Lab
from halod.lab.node_program import HALOD
from halod.lab.patience import wait_until
from halod.lab.topology import VIP_1, tutorial_topology
from halod.wire.deaf_rules import table_name

pytestmark = [pytest.mark.e2e, pytest.mark.needs_netns, pytest.mark.needs_nft]

VIP, VIP6, LINK_LOCAL = str(VIP_1), "fd00:178::3", "fe80::3"
OWN = "192.168.178.130"
CONFIG = f"""
vrrp_instance VI_1 {{
    interface ens33
    virtual_router_id 51
    priority 150
    advert_int 1
    no_accept
    virtual_ipaddress {{
        {VIP}/24
    }}
}}

vrrp_instance VI_6 {{
    interface ens33
    virtual_router_id 56
    priority 150
    advert_int 0.2
    version 3
    strict_mode
    virtual_ipaddress {{
        {LINK_LOCAL}/64
        {VIP6}/64
    }}
}}
"""
WITHIN_S = 10.0


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with Lab(tutorial_topology(), base=tmp_path) as lab:
        yield lab


def status(node: Balancer) -> dict[str, Any]:
    return ask(str(node.machine.run_directory), "status")


def ruleset(node: Balancer) -> str:
    return node.machine.namespace.run("nft", "list", "ruleset")


def is_deaf(node: Balancer) -> bool:
    return f"table inet {table_name(str(node.machine.run_directory))}" in ruleset(node)


def answers(lab: Lab, address: str) -> bool:
    """Whether one of two pings comes back."""
    command = [*lab.machine("web01").namespace.prefix, "ping", "-c", "2", "-i", "0.2", "-W", "1"]
    return subprocess.run([*command, address], capture_output=True, timeout=30).returncode == 0


def stands(lab: Lab, *addresses: str) -> bool:
    shown = lab.machine("lb01").namespace.ip("address", "show", "ens33")
    return all(f" {address}/" in shown for address in addresses)


def is_found(lab: Lab, address: str) -> bool:
    """Whether web01 has learnt where it is."""
    shown = lab.machine("web01").namespace.ip("neighbour", "show", "to", address)
    return "lladdr" in shown


def test_they_are_found_and_answer_nobody(lab: Lab) -> None:
    web01 = lab.machine("web01").namespace
    web01.ip("address", "add", "fd00:178::9/64", "dev", "ens33", "nodad")
    node = lab.balancer("lb01", "halod", CONFIG)
    node.start()
    assert wait_until(lambda: stands(lab, VIP, VIP6, LINK_LOCAL), WITHIN_S)
    assert wait_until(lambda: answers(lab, OWN), WITHIN_S), "the node itself answers"
    for address in (VIP, VIP6, f"{LINK_LOCAL}%ens33"):
        # Forgotten what was announced: it must ask, and be answered.
        web01.ip("neighbour", "flush", "dev", "ens33")
        assert not answers(lab, address)
        assert is_found(lab, address.partition("%")[0])
    shown = {i["name"]: i["accepts_traffic"] for i in status(node)["instances"]}
    assert shown == {"VI_1": False, "VI_6": False}
    # A firewall that is loaded anew takes the rules away, and they come back.
    node.machine.namespace.run("nft", "flush", "ruleset")
    assert wait_until(lambda: is_deaf(node), WITHIN_S)
    assert wait_until(lambda: "somebody removed the rules" in node.log_tail(10), WITHIN_S)
    node.machine.namespace.run("nft", "add", "table", "inet", "operator")
    # The next heartbeat finds them, or makes them, before it is MASTER.
    node.kill_heartbeat()
    assert wait_until(lambda: not stands(lab, VIP), WITHIN_S)
    assert wait_until(lambda: stands(lab, VIP), WITHIN_S)
    assert is_deaf(node)
    assert not answers(lab, VIP)
    # A reload that lets them answer takes the rules away, and nothing else.
    node.configure(CONFIG.replace("    no_accept\n", "").replace("strict_mode", "strict_mode off"))
    node.reload()
    assert wait_until(lambda: answers(lab, VIP) and answers(lab, VIP6), WITHIN_S)
    assert not is_deaf(node)
    node.configure(CONFIG)
    node.reload()
    assert wait_until(lambda: is_deaf(node), WITHIN_S)
    node.stop()
    assert ruleset(node).split() == ["table", "inet", "operator", "{", "}"]


def test_what_a_killed_daemon_left_goes_with_its_next_start(lab: Lab) -> None:
    node = lab.balancer("lb01", "halod", CONFIG)
    node.start()
    assert wait_until(lambda: is_deaf(node), WITHIN_S)
    node.kill_all()
    assert is_deaf(node)
    node.configure(CONFIG.replace("no_accept", "").replace("strict_mode", ""))
    node.start()
    assert wait_until(lambda: stands(lab, VIP), WITHIN_S)
    assert not is_deaf(node)
    assert wait_until(lambda: answers(lab, VIP), WITHIN_S)


def test_without_nft_they_answer_and_that_is_told(lab: Lab, tmp_path: Path) -> None:
    node = lab.balancer("lb01", "halod", CONFIG)
    command = HALOD.command(node.config_path, node.machine.run_directory)
    empty = tmp_path / "empty"
    empty.mkdir()
    node.machine.start(NODE, command, private={Path("/usr/sbin"): empty})
    assert wait_until(lambda: stands(lab, VIP), WITHIN_S)
    assert wait_until(lambda: answers(lab, VIP), WITHIN_S)
    assert status(node)["troubles"]["no_accept"] == (
        "the addresses answer, for want of rules: there is no program nft (package nftables)"
    )

"""`use_vmac` of halod beside that of keepalived, in both roles, over IPv4 and IPv6."""

import json
from ipaddress import ip_address

import pytest

from halod.lab.lab import Lab
from halod.lab.machine import Machine
from halod.lab.patience import wait_until
from tests.e2e.test_vmac import link_of
from tests.kit.pair import MIXED, NEEDS_KEEPALIVED, VIP, set_up_pair
from tests.kit.second_lan import ETH1, SecondLan
from tests.kit.vmac_files import VIP_V6, vmac_config

pytestmark = NEEDS_KEEPALIVED

WITHIN_S = 15.0


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
@pytest.mark.parametrize("more", ["", "    vmac_xmit_base\n"], ids=["from-vmac", "from-base"])
def test_the_address_moves_between_them(lab: Lab, lb01: str, lb02: str, more: str) -> None:
    pair = set_up_pair(lab, lb01, lb02, lambda host: vmac_config(host, more=more))
    for node in (pair.lb01, pair.lb02):
        node.balancer.start()
        node.expect_state("BACKUP", "started: listening for a master first", within_s=WITHIN_S)
        if node is pair.lb01:
            lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    pair.lb02.expect_no_change()
    pair.lb01.balancer.stop()
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    assert wait_until(lambda: link_of(lab.machine("lb01")) is None, WITHIN_S)
    # The stronger one comes back, and the weaker gives way.
    pair.lb01.balancer.start()
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    pair.lb02.expect_state("MASTER", "", within_s=WITHIN_S)
    pair.lb02.expect_state("BACKUP", "", within_s=WITHIN_S)
    assert wait_until(lambda: lab.owners(VIP) == ["lb01"], WITHIN_S)
    # Both are MASTER behind a partition, with one MAC; then one of them hears the other.
    lab.faults.partition("lb01", "lb02")
    pair.lb02.expect_state("MASTER", "", within_s=WITHIN_S)
    lab.faults.heal()
    pair.lb02.expect_state("BACKUP", "", within_s=WITHIN_S)
    assert wait_until(lambda: lab.owners(VIP) == ["lb01"], WITHIN_S)


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_ipv6(lab: Lab, lb01: str, lb02: str) -> None:
    vips = (f"{VIP_V6}/64", "2001:db8::3/64")
    pair = set_up_pair(lab, lb01, lb02, lambda host: vmac_config(host, vips=vips))
    for node in (pair.lb01, pair.lb02):
        node.balancer.start()
        node.expect_state("BACKUP", "started: listening for a master first", within_s=WITHIN_S)
        if node is pair.lb01:
            node.expect_state("MASTER", "", within_s=WITHIN_S)
    pair.lb01.balancer.stop()
    pair.lb02.expect_state("MASTER", "", within_s=WITHIN_S)
    pair.lb01.balancer.start()
    pair.lb02.expect_state("BACKUP", "", within_s=WITHIN_S)
    lab.faults.partition("lb01", "lb02")
    pair.lb02.expect_state("MASTER", "", within_s=WITHIN_S)
    lab.faults.heal()
    pair.lb02.expect_state("BACKUP", "", within_s=WITHIN_S)


ELSEWHERE = f"""    use_vmac_addr
    virtual_ipaddress_excluded {{
        2001:db8::9/64
        198.51.100.9/24 dev {ETH1}
        2001:db8:1::9/64 dev {ETH1}
    }}
"""
HELD = {VIP, "2001:db8::9", "198.51.100.9", "2001:db8:1::9"}


def held_on(machine: Machine) -> dict[str, tuple[str, str, frozenset[str]]]:
    """By link with a virtual MAC that is up: what it stands on, its MAC, its addresses."""
    found = {}
    shown = machine.namespace.ip("-d", "-j", "addr", "show", "type", "macvlan")
    for link in json.loads(shown or "[]"):
        if "UP" in link.get("flags", ()):
            all_ = (ip_address(a["local"]) for a in link["addr_info"] if "local" in a)
            addresses = frozenset(str(a) for a in all_ if not a.is_link_local)
            found[link["ifname"]] = link["link"], link["address"], addresses
    return {name: each for name, each in found.items() if each[2]}


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_addresses_elsewhere_stand_on_links_of_the_same_name_and_mac(
    lab: Lab, lb01: str, lb02: str
) -> None:
    SecondLan(lab, {"lb01": "198.51.100.1/24", "lb02": "198.51.100.2/24"})
    pair = set_up_pair(lab, lb01, lb02, lambda host: vmac_config(host, more=ELSEWHERE))
    one, two = lab.machine("lb01"), lab.machine("lb02")
    for node in (pair.lb01, pair.lb02):
        node.balancer.start()
        node.expect_state("BACKUP", "started: listening for a master first", within_s=WITHIN_S)
        if node is pair.lb01:
            lab.wait_for_owner(VIP, "lb01", WITHIN_S)

    def all_on(machine: Machine) -> bool:
        return {a for _, _, each in held_on(machine).values() for a in each} == HELD

    assert wait_until(lambda: all_on(one), WITHIN_S), held_on(one)
    assert held_on(one) == {
        "vrrp.51": ("ens33", "00:00:5e:00:01:33", frozenset({VIP})),
        "vrrp6.51": ("ens33", "00:00:5e:00:02:33", frozenset({"2001:db8::9"})),
        "vrrp1.51": (ETH1, "00:00:5e:00:01:33", frozenset({"198.51.100.9"})),
        "vrrp2.51": (ETH1, "00:00:5e:00:02:33", frozenset({"2001:db8:1::9"})),
    }
    layout = held_on(one)
    assert held_on(two) == {}
    pair.lb01.balancer.stop()
    assert wait_until(lambda: all_on(two), WITHIN_S), held_on(two)
    assert held_on(two) == layout
    assert held_on(one) == {}
    pair.lb01.balancer.start()
    assert wait_until(lambda: all_on(one), WITHIN_S), held_on(one)
    assert wait_until(lambda: held_on(two) == {}, WITHIN_S), held_on(two)

"""halod and keepalived as master and backup of one another over IPv6, and beside IPv4."""

from ipaddress import IPv6Address

import pytest

from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.interop.unicast_files import PASSWORD
from tests.interop.v6_files import own_address, owners, v6_config, wait_for_owner
from tests.kit.pair import (
    MIXED,
    NEEDS_KEEPALIVED,
    VIP,
    WITHIN_S,
    Pair,
    set_up_pair,
    tutorial_config,
)

pytestmark = NEEDS_KEEPALIVED


def start(lab: Lab, lb01: str, lb02: str, more: str = "") -> Pair:
    pair = set_up_pair(lab, lb01, lb02, v6_config(more=more))
    for node in (pair.lb01, pair.lb02):
        node.balancer.start()
        node.expect_state("BACKUP", "started: listening for a master first|interface ens33 is us")
    wait_for_owner(lab, "lb01")
    wait_until_heard(pair)
    return pair


def wait_until_heard(pair: Pair) -> None:
    """A halod that takes long to start must have heard lb01 before that is struck."""

    def has_heard() -> bool:
        return all(each["master"] for each in pair.lb02.haloctl_json()["instances"])

    if pair.lb02.is_halod:
        pair.lb02.log.expect("ready: ", within_s=WITHIN_S)
        assert wait_until(has_heard, WITHIN_S)


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_a_stop_hands_over_and_the_stronger_comes_back(lab: Lab, lb01: str, lb02: str) -> None:
    pair = start(lab, lb01, lb02)
    own = own_address(lab, "lb01")
    pair.lb01.balancer.stop()
    pair.lb02.expect_state("MASTER", rf"{own} resigned \(priority 0\)")
    wait_for_owner(lab, "lb02")
    pair.lb01.balancer.start()
    wait_for_owner(lab, "lb01")
    pair.lb02.expect_state("BACKUP", rf"{own} is MASTER with priority 150, above this node's 100")


@pytest.mark.parametrize("lb02", ["keepalived", "halod"])
def test_a_heartbeat_that_dies_is_replaced(lab: Lab, lb02: str) -> None:
    """The supervisor speaks for the dead over IPv6, too, and removes what it left."""
    pair = start(lab, "halod", lb02)
    own = own_address(lab, "lb01")
    pair.lb01.balancer.kill_heartbeat()
    pair.lb02.expect_state("MASTER", rf"{own} resigned \(priority 0\)")
    pair.lb02.expect_state("BACKUP", rf"{own} is MASTER with priority 150")
    wait_for_owner(lab, "lb01")


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_a_lost_link(lab: Lab, lb01: str, lb02: str) -> None:
    pair = start(lab, lb01, lb02)
    lab.faults.unplug("lb01")
    pair.lb01.expect_state("FAULT", "interface ens33 is down or has no carrier")
    pair.lb02.expect_state("MASTER", "no advert from fe80::")
    lab.faults.plug("lb01")
    wait_for_owner(lab, "lb01")


def test_a_killed_node_is_silent_and_leaves_nothing(lab: Lab) -> None:
    """The lease holds over IPv6: the kernel takes the addresses, the next start what is left."""
    pair = start(lab, "halod", "keepalived")
    pair.lb01.balancer.kill_all()
    pair.lb02.expect_state("MASTER", "")
    assert wait_until(lambda: owners(lab) == ["lb02"], 15)
    pair.lb01.balancer.start()
    wait_for_owner(lab, "lb01")


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_unicast(lab: Lab, lb01: str, lb02: str) -> None:
    own = {name: f"fd00:178::{number}" for name, number in (("lb01", 130), ("lb02", 131))}

    def config(host: str) -> str:
        other = own["lb02" if host == "lb01" else "lb01"]
        lines = f"    unicast_src_ip {own[host]}\n    unicast_peer {{\n        {other}\n    }}\n"
        return v6_config(more=lines + "    check_unicast_src\n")(host)

    pair = set_up_pair(lab, lb01, lb02, config)
    for node in (pair.lb01, pair.lb02):
        lab.machine(node.name).namespace.ip(
            "address", "add", f"{own[node.name]}/64", "dev", "ens33", "nodad"
        )
        node.balancer.start()
    wait_for_owner(lab, "lb01")
    wait_until_heard(pair)
    pair.lb01.balancer.stop()
    pair.lb02.expect_state("MASTER", rf"{own['lb01']} resigned \(priority 0\)")
    pair.lb01.balancer.start()
    wait_for_owner(lab, "lb01")


@pytest.mark.parametrize(("lb01", "lb02"), MIXED)
def test_both_families_with_one_vrid_on_one_link(lab: Lab, lb01: str, lb02: str) -> None:
    def config(host: str) -> str:
        six = v6_config()(host)
        # Only the instance; what stands above it is there once.
        instance = six[six.index("vrrp_instance VI_1") :].replace("VI_1", "VI_6", 1)
        four = tutorial_config(host).replace(PASSWORD, "    version 3\n")
        excluded = "    virtual_ipaddress_excluded {\n        fd00:178::9/64 dev ens33\n    }\n"
        return four.replace("    virtual_ipaddress {", f"{excluded}    virtual_ipaddress {{") + (
            "\n" + instance
        )

    pair = set_up_pair(lab, lb01, lb02, config)
    for node in (pair.lb01, pair.lb02):
        node.balancer.start()
    wait_for_owner(lab, "lb01")
    lab.wait_for_owner(VIP, "lb01", WITHIN_S)
    assert wait_until(lambda: owners(lab, "fd00:178::9/64") == ["lb01"], WITHIN_S)
    wait_until_heard(pair)
    pair.lb01.balancer.stop()
    wait_for_owner(lab, "lb02")
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    assert wait_until(lambda: owners(lab, "fd00:178::9/64") == ["lb02"], WITHIN_S)


def test_it_waits_for_a_link_local_address(lab: Lab) -> None:
    pair = set_up_pair(lab, "halod", "keepalived", v6_config())
    namespace = lab.machine("lb01").namespace
    own = own_address(lab, "lb01")
    namespace.ip("address", "del", f"{own}/64", "dev", "ens33")
    pair.lb01.balancer.start()
    pair.lb01.expect_state("FAULT", "interface ens33 has no link-local IPv6 address yet")
    assert "tentative" in pair.lb01.haloctl("why").stdout
    namespace.ip("address", "add", f"{own}/64", "dev", "ens33")
    pair.lb01.expect_state("BACKUP", "interface ens33 is usable again")
    wait_for_owner(lab, "lb01")
    assert IPv6Address(own).is_link_local

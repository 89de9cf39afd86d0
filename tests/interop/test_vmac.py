"""`use_vmac` of halod beside that of keepalived, in both roles, over IPv4 and IPv6."""

import pytest

from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.e2e.test_vmac import link_of
from tests.kit.pair import MIXED, NEEDS_KEEPALIVED, VIP, set_up_pair
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

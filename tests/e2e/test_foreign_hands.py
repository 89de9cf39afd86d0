"""Somebody else at the addresses: deletions that are mended, a fight that is given up, and an
operator's own address, which is left alone."""

import json

from halod.lab.lab import Lab
from halod.lab.patience import wait_until
from tests.kit.pair import (
    LB01,
    LB02,
    LISTENED,
    NEEDS_LAB,
    VIP,
    WITHIN_S,
    Node,
    set_up_pair,
    start_pair,
)

pytestmark = NEEDS_LAB


def delete(node: Node) -> None:
    node.balancer.machine.namespace.ip("addr", "del", f"{VIP}/24", "dev", "ens33")


def is_there(node: Node) -> bool:
    return VIP in node.balancer.machine.vips()


def test_a_deleted_address_is_put_back_three_times_and_then_left(lab: Lab) -> None:
    pair = start_pair(lab, "halod", "halod")
    for times in (1, 2, 3):
        delete(pair.lb01)
        pair.lb01.log.expect(
            rf"\(VI_1\) \S.* removed {VIP}: put back \({times} of at most 3 times in 10 s\)"
        )
        assert wait_until(lambda: is_there(pair.lb01), 1.0)
    pair.lb01.expect_no_change()
    delete(pair.lb01)
    pair.lb01.expect_state("BACKUP", rf"somebody removed {VIP} 4 times within 10 s")
    pair.lb02.expect_state("MASTER", rf"{LB01} resigned \(priority 0\)")
    lab.wait_for_owner(VIP, "lb02", WITHIN_S)
    # It stays so: two that fight over an address would move it to and fro for ever.
    why = pair.lb01.haloctl("why").stdout
    assert f"{LB02} is MASTER with the lower priority 100 (ours 150)" in why
    assert "is left alone for another" in why
    status = pair.lb01.haloctl("status")
    assert status.returncode == 1
    fight = f"somebody removed {VIP} 4 times within 10 s"
    assert f"alarm: VI_1 gave up being MASTER, because {fight}" in status.stdout


def test_an_operators_own_address_stays_the_operators(lab: Lab) -> None:
    pair = set_up_pair(lab, "halod", "halod")
    ip = lab.machine("lb01").namespace.ip
    ip("addr", "add", f"{VIP}/24", "dev", "ens33")
    pair.lb01.balancer.start()
    pair.lb02.balancer.start()
    pair.lb01.expect_state("MASTER", LISTENED)
    pair.lb01.log.expect(rf"{VIP} stood on this host before: not ours")
    status = json.loads(pair.lb01.haloctl("status", "--json").stdout)
    assert status["instances"][0]["foreign_addresses"] == [f"{VIP}/24 dev ens33"]

    def lifetime() -> int:
        (link,) = json.loads(ip("-j", "addr", "show", "ens33"))
        (found,) = [entry for entry in link["addr_info"] if entry["local"] == VIP]
        return int(found["valid_life_time"])

    forever = 2**32 - 1
    assert lifetime() == forever
    # Not while it is MASTER, nor as it stops, nor by a release.
    wait_until(lambda: False, 2.5)
    assert lifetime() == forever
    pair.lb01.balancer.stop()
    pair.lb01.haloctl("release", "-f", str(pair.lb01.balancer.config_path))
    assert lifetime() == forever
